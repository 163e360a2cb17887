"""facepipe-lambda as a process, against a Runtime API of the test's own: what AWS's emulator does not do (extensions'
registration being seen, SIGTERM, a deadline that is near, trace headers, an API that goes away)."""
import http.server
import json
import queue
import signal
import socket
import subprocess
import threading
import time

from aws_harness import (FUNCTION, PACK, REGION, AwsTest, ElasticMq, Process, base64_of, clean_environment, enrol, fixture,
                         photographs, wait_until)


class RuntimeApi:
    """Hands out the invocations that were put, keeps what is posted. A context manager."""

    def __init__(self):
        self.invocations, self.posts, self.seen = queue.Queue(), queue.Queue(), []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, headers, body):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                api.seen.append((self.path, dict(self.headers)))
                if self.path.endswith("/extension/event/next"):
                    api.stopped.wait(60)  # no event ever comes
                    self.close_connection = True
                    return
                invocation = api.invocations.get()
                if invocation is None:
                    self.close_connection = True
                    return
                self.reply(200, *invocation)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.seen.append((self.path, dict(self.headers)))
                if self.path.endswith("/extension/register"):
                    self.reply(200, {"Lambda-Extension-Identifier": "ext"}, b"{}")
                    return
                api.posts.put((self.path, json.loads(body)))
                self.reply(202, {}, b"{}")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.stopped = threading.Event()
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for _ in range(4):
            self.invocations.put(None)
        self.server.shutdown()
        self.server.server_close()

    def put(self, event, seconds_left=300, **headers):
        headers = {"Lambda-Runtime-Aws-Request-Id": "req-1",
                   "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds_left) * 1000))} | headers
        self.invocations.put((headers, json.dumps(event).encode()))


def bootstrap(api, handler, **environment):
    return Process([FUNCTION], clean_environment(AWS_LAMBDA_RUNTIME_API=api.address, _HANDLER=handler, AWS_REGION=REGION,
                                                 AWS_LAMBDA_FUNCTION_NAME="face", FACEPIPE_PACK=str(PACK),
                                                 **environment))


class Lifecycle(AwsTest):
    QUEUE = {"SQS_REQUEST_QUEUE_URL": "http://127.0.0.1:9/0/q"}

    def test_registers_an_extension_before_the_first_invocation_and_stops_on_sigterm(self):
        with RuntimeApi() as api, bootstrap(api, "face-detection", **self.QUEUE) as program:
            wait_until(lambda: any(path.endswith("/invocation/next") for path, _ in api.seen), "asked for work")
            paths = [path for path, _ in api.seen]
            self.assertLess(paths.index("/2020-01-01/extension/register"),
                            paths.index("/2018-06-01/runtime/invocation/next"))
            self.assertIn('"shutdownExtension":true', program.log_text())
            program.process.send_signal(signal.SIGTERM)
            self.assertEqual(program.process.wait(30), 0)  # what it waits for never comes
            self.assertIn('"event":"stopped"', program.log_text())

    def test_the_handler_may_be_the_argument_that_an_image_s_cmd_is(self):
        with RuntimeApi() as api:
            environment = clean_environment(AWS_LAMBDA_RUNTIME_API=api.address, AWS_REGION=REGION, FACEPIPE_PACK=str(PACK),
                                            **self.QUEUE)
            with Process([FUNCTION, "face-detection"], environment) as program:
                wait_until(lambda: any(path.endswith("/invocation/next") for path, _ in api.seen), "asked for work")
                self.assertIn('"function":"face-detection"', program.log_text())

    def test_ends_with_an_error_when_the_api_goes_away(self):
        with RuntimeApi() as api, bootstrap(api, "face-detection", **self.QUEUE) as program:
            wait_until(lambda: any(path.endswith("/invocation/next") for path, _ in api.seen), "asked for work")
            api.server.shutdown()
            api.server.server_close()
            for _ in range(4):
                api.invocations.put(None)
            self.assertEqual(program.process.wait(60), 1)
            self.assertIn('"event":"runtime_api_lost"', program.log_text())

    def test_says_what_it_is_outside_of_lambda(self):
        done = subprocess.run([FUNCTION], env=clean_environment(), capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("AWS_LAMBDA_RUNTIME_API is not set", done.stderr)


class SilentQueue(AwsTest):
    def test_a_queue_that_never_answers_is_the_502_of_the_contract(self):
        with socket.create_server(("127.0.0.1", 0)) as silent, RuntimeApi() as api, bootstrap(
                api, "face-detection", SQS_REQUEST_QUEUE_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/000000000000/q"):
            api.put({"body": {"request_id": "r", "filename": "frame.jpg",
                              "content": base64_of(photographs("val", "madonna")[0])}}, seconds_left=60)
            # Three tries of 3 s each: not the time that a long poll would have.
            response = api.posts.get(timeout=60)[1]
            self.assertEqual(response["statusCode"], 502)
            self.assertTrue(json.loads(response["body"])["error"].startswith("Failed to enqueue message: "), response)


class Batches(AwsTest):
    def test_a_near_deadline_gives_every_record_back_and_traces_go_through(self):
        gallery = enrol(self.make_folder())
        with ElasticMq() as server:
            answers = server.make_queue("face-answers")
            with RuntimeApi() as api, bootstrap(api, "face-recognition", SQS_RESPONSE_QUEUE_URL=answers,
                                                FACEPIPE_GALLERY=str(gallery)):
                event = fixture("sqs_batch")
                # An environment that is only being started takes longer than this deadline: the second one is warm.
                api.put({"Records": []})
                self.assertEqual(api.posts.get(timeout=60)[1], {"batchItemFailures": []})
                api.put(event, seconds_left=0.4)
                path, response = api.posts.get(timeout=60)
                self.assertEqual(path, "/2018-06-01/runtime/invocation/req-1/response")
                self.assertEqual([failure["itemIdentifier"] for failure in response["batchItemFailures"]],
                                 [record["messageId"] for record in event["Records"]])
                self.assertEqual(server.take(answers, 0), [])
                api.put(event, **{"Lambda-Runtime-Trace-Id": "Root=1-6a1f0c3e-00000000000000000000abcd"})
                self.assertEqual(len(api.posts.get(timeout=60)[1]["batchItemFailures"]), 1)
            traces = set()
            received = server.client().receive_message(QueueUrl=answers, MaxNumberOfMessages=10, WaitTimeSeconds=2,
                                                       AttributeNames=["AWSTraceHeader"])["Messages"]
            for message in received:
                traces.add((json.loads(message["Body"])["request_id"], message["Attributes"]["AWSTraceHeader"]))
            self.assertEqual(traces, {("sqs-0", event["Records"][0]["attributes"]["AWSTraceHeader"])} | {
                (request_id, "Root=1-6a1f0c3e-00000000000000000000abcd") for request_id in ("sqs-1", "sqs-3", "sqs-4")})
