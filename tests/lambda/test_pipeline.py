"""End to end with nothing of ours between the parts: curl -> face-detection under the emulator -> an SQS server -> a
poller that stands for the event source mapping -> face-recognition under the emulator -> the aws command reads the
answer. On ElasticMQ, on moto, and on moto with signatures, session tokens and policies checked."""
import json
import pathlib
import subprocess

import boto3
from aws_harness import (KEY, REGION, AwsTest, ElasticMq, Function, Moto, base64_of, clean_environment, enrol,
                         photographs, policy_of, run_mapping_once)


def curl_frame(function, folder, request_id, photo):
    """POSTs a frame as a client would; returns the proxy response."""
    path = pathlib.Path(folder) / f"{request_id}.json"
    path.write_text(json.dumps({"body": {"request_id": request_id, "filename": photo.name, "content": base64_of(photo)}}))
    done = subprocess.run(["curl", "-sS", "--max-time", "120", "--noproxy", "*", "-H", "Content-Type: application/json",
                           "--data-binary", f"@{path}", function.url], capture_output=True, text=True,
                          env=clean_environment(), timeout=130)
    if done.returncode != 0:
        raise AssertionError(f"curl: {done.stderr}\n{function.log_text()}")
    return json.loads(done.stdout)


class Pipeline:
    """What each SQS server must do; the servers' classes are below."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.make_folder()
        cls.gallery = enrol(cls.folder)

    def functions(self, server, requests, answers, **environment):
        environment = server.credentials | environment
        detector = self.enterContextOnce(Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests,
                                                  **environment))
        recognizer = self.enterContextOnce(Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers,
                                                    FACEPIPE_GALLERY=str(self.gallery), **environment))
        return detector, recognizer

    def enterContextOnce(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def check_frames_to_names(self, server):
        requests, answers = server.make_queue("face-requests"), server.make_queue("face-answers")
        detector, recognizer = self.functions(server, requests, answers)
        expected = {}
        for person in ("madonna", "elton_john"):
            for photo in photographs("val", person)[:2]:
                request_id = f"{person}-{photo.stem}"
                expected[request_id] = person
                response = curl_frame(detector, self.folder, request_id, photo)
                self.assertEqual(response["statusCode"], 200)
                self.assertEqual(json.loads(response["body"])["message"],
                                 "Face detection complete and request enqueued.")
        handled = 0
        while handled < len(expected):
            messages, failed = run_mapping_once(server, requests, recognizer)
            self.assertEqual(failed, [])
            self.assertNotEqual(messages, [], f"{handled} of {len(expected)} face messages came")
            handled += len(messages)
        named = {}
        while len(named) < len(expected):
            received = server.aws_cli("sqs", "receive-message", "--queue-url", answers, "--max-number-of-messages", "10",
                                      "--wait-time-seconds", "5")
            self.assertIsNotNone(received, f"{len(named)} of {len(expected)} answers came")
            for message in received["Messages"]:
                answer = json.loads(message["Body"])
                self.assertNotIn(answer["request_id"], named)
                named[answer["request_id"]] = answer["result"]
                server.aws_cli("sqs", "delete-message", "--queue-url", answers, "--receipt-handle",
                               message["ReceiptHandle"])
        self.assertEqual(named, expected)
        self.assertEqual(server.take(answers, 0), [])


class OnElasticMq(Pipeline, AwsTest):
    def test_frames_to_names(self):
        self.check_frames_to_names(self.enterContextOnce(ElasticMq()))


class OnMoto(Pipeline, AwsTest):
    def test_frames_to_names(self):
        self.check_frames_to_names(self.enterContextOnce(Moto()))


class OnMotoWithSignatures(Pipeline, AwsTest):
    ACTIONS = ["sqs:*", "sts:*", "iam:*"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enter(Moto(free_calls=Moto.USER_CALLS))
        cls.server.make_user(cls.ACTIONS)

    def session_credentials(self):
        """Temporary credentials of a role, as a function has them."""
        keys = {"aws_access_key_id": self.server.credentials["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": self.server.credentials["AWS_SECRET_ACCESS_KEY"],
                "endpoint_url": self.server.url, "region_name": REGION}
        iam = boto3.client("iam", **keys)
        role = iam.create_role(RoleName="face-detection", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
                                                     "Action": "sts:AssumeRole"}]}))["Role"]
        iam.put_role_policy(RoleName="face-detection", PolicyName="all", PolicyDocument=policy_of(self.ACTIONS))
        session = boto3.client("sts", **keys).assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
        return {"AWS_ACCESS_KEY_ID": session["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": session["SessionToken"]}

    def send_frame(self, requests, **environment):
        photo = photographs("val", "madonna")[0]
        with Function("face-detection", SQS_REQUEST_QUEUE_URL=requests, **environment) as function:
            return function.frame({"body": {"request_id": "signed", "filename": "f.jpg", "content": base64_of(photo)}})

    def test_frames_to_names(self):
        self.check_frames_to_names(self.server)

    def test_a_session_token_is_sent_and_needed(self):
        requests = self.server.make_queue("token-requests")
        session = self.session_credentials()
        self.assertEqual(self.send_frame(requests, **session)[0], 200)
        self.assertEqual(self.server.take(requests, 1)[0]["request_id"], "signed")
        without_token = {name: value for name, value in session.items() if name != "AWS_SESSION_TOKEN"}
        self.assertEqual(self.send_frame(requests, **without_token)[0], 502)
        self.assertEqual(self.server.take(requests, 0), [])

    def test_a_wrong_secret_is_refused(self):
        requests = self.server.make_queue("secret-requests")
        wrong = self.server.credentials | {"AWS_SECRET_ACCESS_KEY": "x" * 40}
        status, body = self.send_frame(requests, **wrong)
        self.assertEqual(status, 502)
        self.assertTrue(body["error"].startswith("Failed to enqueue message: "), body)
        self.assertNotIn("x" * 40, body["error"])
        unknown = self.send_frame(requests, **(KEY | {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNEXAMPLE00"}))
        self.assertEqual(unknown[0], 502)
        self.assertEqual(self.server.take(requests, 0), [])
