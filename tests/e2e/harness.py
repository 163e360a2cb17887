"""What the end-to-end tests share: the program, the photographs, a running server, an SQS client."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from waiting import wait_until  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ["FACEPIPE_TEST_PROGRAM"]
WORKER_PROGRAM = pathlib.Path(PROGRAM).with_name("facepipe-worker")
PHOTOS = ROOT / ".cache" / "photos"
PACK = ROOT / "build" / "release" / "share" / "facepipe" / "pack"
FACENET_PACK = PACK.parent / "packs" / "facenet-msceleb-128"  # the default of release 0.1
ACCOUNT = "000000000000"


def clean_environment():
    """The settings of whoever runs the tests must not reach the program, which is left to choose its pack."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("FACEPIPE_", "AWS_"))}


def environment():
    return clean_environment() | {"FACEPIPE_PACK": str(PACK)}


def facepipe(*arguments, check=True, env=None, **options):
    """Runs the program to its end; returns the finished process with text output."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=240,
                          env=environment() if env is None else env, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"facepipe {arguments} ended with {done.returncode}: {done.stderr}")
    return done


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def enrolled(data):
    """How many embeddings each person of a data folder has, by name."""
    return {line["name"]: line["embeddings"] for line in json_lines(facepipe("people", "--data", data, "list", "--json").stdout)}


def photographs(split, person=None):
    return sorted((PHOTOS / split / (person or "")).rglob("*.jpg"))


def make_certificate(folder, name, hosts="DNS:localhost,IP:127.0.0.1"):
    """NAME.pem, of this machine (or of `hosts`) for two days, and NAME.key: their paths."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-addext", f"subjectAltName={hosts}", "-keyout",
                    folder / f"{name}.key", "-out", folder / f"{name}.pem"], check=True, capture_output=True)
    (folder / f"{name}.key").chmod(0o600)
    return folder / f"{name}.pem", folder / f"{name}.key"


class Server:
    """`facepipe serve` on free loopback ports. A context manager: stops the process that it started, by its id."""

    def __init__(self, data, *arguments, frame_port=0, sqs_port=0):
        self.data, self.frame_port, self.sqs_port = pathlib.Path(data), frame_port, sqs_port
        self.arguments = arguments
        self.process = None
        self.log_path = self.data / "serve.log"

    def command(self):
        return [PROGRAM, "serve", "--data", str(self.data), "--port", str(self.frame_port), "--sqs-port",
                str(self.sqs_port), "--ports-file", str(self.ports_file()), *map(str, self.arguments)]

    def ports_file(self):
        return self.data / "ports"

    def environment(self):
        return environment()

    def __enter__(self):
        ports = self.ports_file()
        ports.unlink(missing_ok=True)
        self.log = open(self.log_path, "a")
        self.process = subprocess.Popen(self.command(), stderr=self.log, env=self.environment())
        try:
            wait_until(lambda: ports.exists() or self.process.poll() is not None, "server started")
            if self.process.poll() is not None:
                raise AssertionError("serve ended: " + self.log_path.read_text()[-2000:])
        except BaseException:
            self.__exit__()  # what does not get ready must not stay either
            raise
        values = dict(line.split("=") for line in ports.read_text().split())
        self.url = f"http://127.0.0.1:{values['port']}/"
        self.sqs_url = f"http://127.0.0.1:{values['sqs_port']}"
        self.answers_url = f"{self.sqs_url}/{ACCOUNT}/face-answers"
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        self.log.close()

    def stop(self):
        """Its exit status; fails if it takes long beyond its grace of 10 s."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def request(self, method="POST", path="", body=b"", headers=None):
        """(status, headers, body as JSON or text)"""
        request = urllib.request.Request(self.url + path, data=body if method == "POST" else None, method=method,
                                         headers=headers or {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                status, response_headers, content = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, response_headers, content = error.code, error.headers, error.read()
        if response_headers.get_content_type() == "application/json":
            return status, response_headers, json.loads(content)
        return status, response_headers, content.decode()

    def sqs(self):
        import boto3
        from botocore.config import Config
        return boto3.client("sqs", endpoint_url=self.sqs_url, region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test", config=Config(retries={"max_attempts": 1}))

    def take_answers(self, count, seconds=120):
        """Receives and deletes until `count` answers came; fails if they do not, returns them parsed."""
        sqs, answers = self.sqs(), []
        end = time.monotonic() + seconds
        while len(answers) < count and time.monotonic() < end:
            for message in sqs.receive_message(QueueUrl=self.answers_url, MaxNumberOfMessages=10,
                                               WaitTimeSeconds=1).get("Messages", []):
                answers.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.answers_url, ReceiptHandle=message["ReceiptHandle"])
        if len(answers) < count:
            raise AssertionError(f"{len(answers)} of {count} answers within {seconds} s")
        return answers


class TemporaryFolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class KnownPersonTest(TemporaryFolderTest):
    """With a data folder in which one person is enrolled."""

    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.data.mkdir()
        facepipe("people", "add", "--data", self.data, "--largest", "Madonna", *photographs("train", "madonna")[:3])

    def recognise(self, server, photos):
        """The answers to these photographs, of the camera "garden"."""
        for photo in photos:
            query = f"?camera=garden&filename=x.jpg&request_id={uuid.uuid4()}"
            status, _, answer = server.request(path=query, body=photo.read_bytes(), headers={"content-type": "image/jpeg"})
            self.assertIn(status, (200, 202), answer)
        return server.take_answers(len(photos))
