"""facepipe send: the table, JSON lines, signed requests, and an exit status that tells of frames without an answer."""
import http.server
import json
import re
import socket
import subprocess
import threading
import unittest

from harness import ACCOUNT, PHOTOS, PROGRAM, Server, TemporaryFolderTest, environment, facepipe, photographs


class Send(TemporaryFolderTest):
    def test_every_frame_is_answered_and_named(self):
        facepipe("people", "--data", self.folder, "import", "--largest", PHOTOS / "train")
        with Server(self.folder) as server:
            report = self.folder / "report.jsonl"
            done = facepipe("send", "--url", server.url, "--results", server.answers_url, "--json", report, PHOTOS / "val")
            frames = [json.loads(line) for line in report.read_text().splitlines()]
        self.assertEqual(len(frames), 25)
        self.assertTrue(all(frame["status"] == "answered" for frame in frames))
        self.assertIn("madonna", done.stdout)
        right = 0
        for frame in frames:
            largest = max(frame["faces"], key=lambda f: (f["box"][2] - f["box"][0]) * (f["box"][3] - f["box"][1]))
            right += largest["name"] == frame["file"].split("/")[-2]
            self.assertGreater(frame["milliseconds"], 0)
        self.assertEqual(right, 25)

    def test_raw_bodies_work_too(self):
        with Server(self.folder) as server:
            done = facepipe("send", "--raw", "--url", server.url, "--results", server.answers_url,
                            photographs("val")[0])
        self.assertIn("unknown", done.stdout)

    def test_a_frame_that_is_refused_is_reported_and_fails(self):
        bad = self.folder / "bad.jpg"
        bad.write_bytes(b"no picture")
        with Server(self.folder) as server:
            done = facepipe("send", "--url", server.url, "--results", server.answers_url, bad, photographs("val")[0],
                            check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.jpg", done.stdout + done.stderr)

    def test_no_server_is_a_clear_error(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]  # held, so that nobody else listens there
            done = facepipe("send", "--url", f"http://127.0.0.1:{port}/", "--results",
                            f"http://127.0.0.1:{port}/000000000000/face-answers", "--timeout", 3, photographs("val")[0],
                            check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(port), done.stdout + done.stderr)


KEYS = {"AKIDEXAMPLE": ("secret-of-the-test", None), "ASIATEMPORARY": ("another-secret", "token-of-the-test")}
FACE_QUEUE = f"/{ACCOUNT}/face-answers"


class SigningService(http.server.ThreadingHTTPServer):
    """Stands for a Function URL (POST /frames) and SQS (POST /): checks each signature with botocore, which shares no code
    with the program, and answers that no frame has a face. Keeps (path, service, region, verdict) of every request."""

    def __init__(self):
        self.checked = []
        super().__init__(("127.0.0.1", 0), SigningHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class SigningHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def verdict(self, body):
        """(service, region, whether the signature is right)"""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        header = self.headers.get("authorization")
        if header is None:
            return None, None, "unsigned"
        key, day, region, service, names, signature = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), "
            r"Signature=([0-9a-f]{64})", header).groups()
        secret, token = KEYS[key]
        if self.headers.get("x-amz-security-token") != token:
            return service, region, "wrong token"
        if not {"host", "x-amz-date"} <= set(names.split(";")) or self.headers["x-amz-date"][:8] != day:
            return service, region, "not everything is signed"
        request = AWSRequest("POST", f"http://{self.headers['host']}{self.path}", data=body,
                             headers={name: self.headers[name] for name in names.split(";")})
        request.context["timestamp"] = self.headers["x-amz-date"]
        auth = SigV4Auth(Credentials(key, secret, token), service, region)
        right = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        return service, region, "right" if right == signature else "wrong signature"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        service, region, verdict = self.verdict(body)
        self.server.checked.append((self.path.split("?")[0], service, region, verdict))
        status, answer = 200, {}
        if verdict not in ("right", "unsigned"):
            status, answer = 403, {"message": "The request signature does not match"}
        elif self.path.startswith("/frames"):
            answer = {"message": "No face detected."}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Signed(TemporaryFolderTest):
    def send(self, service, *arguments, key="AKIDEXAMPLE", secret=None, **variables):
        right_secret, token = KEYS[key]
        keys = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret or right_secret, "HOME": str(self.folder)}
        keys |= {"AWS_SESSION_TOKEN": token} if token else {}
        return subprocess.run([PROGRAM, "send", "--url", service.url + "/frames", "--results", service.url + FACE_QUEUE,
                               "--timeout", "100", *map(str, arguments), str(photographs("val", "madonna")[0])],
                              capture_output=True, text=True, timeout=120, env=environment() | keys | variables)

    def test_sign_signs_frames_for_lambda_and_queue_calls_for_sqs(self):
        for arguments in ((), ("--raw",)):  # a JSON body, and a picture with its name in the query
            with SigningService() as service:
                done = self.send(service, "--sign", "--region", "eu-west-1", *arguments)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(set(service.checked), {("/frames", "lambda", "eu-west-1", "right"),
                                                        ("/", "sqs", "eu-west-1", "right")})

    def test_temporary_credentials_send_their_token(self):
        with SigningService() as service:
            done = self.send(service, "--sign", key="ASIATEMPORARY", AWS_REGION="us-east-2")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(("/frames", "lambda", "us-east-2", "right"), service.checked)

    def test_a_wrong_secret_is_refused_and_never_shown(self):
        with SigningService() as service:
            done = self.send(service, "--sign", "--region", "eu-west-1", secret="not-the-secret")
            self.assertEqual(done.returncode, 1)
            self.assertIn("403", done.stdout + done.stderr)
            self.assertNotIn("not-the-secret", done.stdout + done.stderr)
            self.assertEqual({verdict for *_, verdict in service.checked}, {"wrong signature"})

    def test_other_hosts_get_no_signature_unless_asked(self):
        with SigningService() as service:
            self.assertEqual(self.send(service).returncode, 0)
            self.assertEqual({verdict for *_, verdict in service.checked}, {"unsigned"})

    def test_a_function_url_is_signed_without_asking(self):
        # Without credentials it fails before anything is sent, naming them; the same for Amazon's queues.
        clean = environment() | {"HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"}
        for url, results in (("https://abc.lambda-url.eu-west-1.on.aws/", "http://127.0.0.1:9" + FACE_QUEUE),
                             ("http://127.0.0.1:9/", "https://sqs.eu-west-1.amazonaws.com/1/q")):
            done = subprocess.run([PROGRAM, "send", "--url", url, "--results", results,
                                   str(photographs("val", "madonna")[0])], capture_output=True, text=True, timeout=60,
                                  env=clean)
            self.assertEqual(done.returncode, 1)
            self.assertIn("credentials", done.stderr)

    def test_sign_without_a_region_is_a_clear_error(self):
        with SigningService() as service:
            done = self.send(service, "--sign")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--region", done.stderr)
            self.assertEqual(service.checked, [])


if __name__ == "__main__":
    unittest.main()
