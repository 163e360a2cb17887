"""What the AWS tests share: the functions under the Lambda emulator, SQS servers, models, photographs.

Everything listens on loopback, on ports that nobody used before, and every process that is started here is ended here,
with its process group: an orphaned runtime would go on answering.
"""
import base64
import contextlib
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from free_ports import free_ports  # noqa: E402
from waiting import listens, wait_until  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FACEPIPE = os.environ["FACEPIPE_TEST_PROGRAM"]
FUNCTION = os.environ["FACEPIPE_TEST_LAMBDA"]
PACK = pathlib.Path(os.environ["FACEPIPE_TEST_PACK"])
FACENET_PACK = PACK.parent / "packs" / "facenet-msceleb-128"  # the network that the Python pipeline has, too
CACHE = ROOT / ".cache"
PHOTOS = CACHE / "photos"
FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
REGION = "us-east-1"
KEY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
INVOKE_S = 120


def clean_environment(**more):
    """The settings of whoever runs the tests must not reach the programs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                                                "UBSAN_OPTIONS") if name in os.environ}
    return kept | more


def answers_http(url):
    try:
        with urllib.request.urlopen(url, timeout=20):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def photographs(split, person):
    return sorted((PHOTOS / split / person).glob("*.jpg"))


def base64_of(path):
    return base64.b64encode(pathlib.Path(path).read_bytes()).decode()


def fixture(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def padded_jpeg(path, size):
    """The same picture with comment segments that make the file `size` bytes (JPEG marker COM, FF FE)."""
    jpeg = pathlib.Path(path).read_bytes()
    missing, comments = size - len(jpeg), b""
    while missing > 0:
        length = min(missing, 65_537)
        if 0 < missing - length < 4:
            length -= 4
        comments += b"\xff\xfe" + struct.pack(">H", length - 2) + b"x" * (length - 4)
        missing -= length
    return jpeg[:2] + comments + jpeg[2:]


class Process:
    """A process with a group of its own and a log file. A context manager."""

    def __init__(self, arguments, environment, cwd=None):
        self.arguments, self.environment, self.cwd = [str(a) for a in arguments], environment, cwd

    def __enter__(self):
        self.log = tempfile.NamedTemporaryFile(prefix="facepipe-aws-", suffix=".log")
        self.process = subprocess.Popen(self.arguments, stdout=self.log, stderr=subprocess.STDOUT, env=self.environment,
                                        cwd=self.cwd, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            self.wait_started()
        except BaseException:
            self.__exit__(None, None, None)  # what does not get ready must not stay either
            raise
        return self

    def wait_started(self):
        """Returns when the process is of use; for subclasses."""

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.log.close()

    def log_text(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")

    def wait_ready(self, url):
        wait_until(lambda: answers_http(url) or self.process.poll() is not None, f"{self.arguments[0]} answers")
        if self.process.poll() is not None:
            raise AssertionError(f"{self.arguments[0]} ended: {self.log_text()}")


class Function(Process):
    """facepipe-lambda under AWS's Runtime Interface Emulator. Invokes are serialised: the emulator dies of two at once."""

    def __init__(self, handler, timeout=INVOKE_S, **environment):
        self.port, runtime_port = free_ports(2)
        super().__init__(
            [CACHE / "aws" / "rie", "--runtime-interface-emulator-address", f"127.0.0.1:{self.port}",
             "--runtime-api-address", f"127.0.0.1:{runtime_port}", FUNCTION, handler],
            clean_environment(AWS_LAMBDA_FUNCTION_TIMEOUT=str(timeout), AWS_LAMBDA_FUNCTION_NAME="face",
                              AWS_REGION=REGION, **({"FACEPIPE_PACK": str(PACK)} | environment)))
        self.url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations"
        self.lock = threading.Lock()

    def wait_started(self):
        # A plain connect: any request would be an invoke.
        wait_until(lambda: self.process.poll() is not None or listens(self.port), "the emulator listens")

    def invoke_raw(self, payload):
        """(status, body as text)"""
        with self.lock:
            request = urllib.request.Request(self.url, data=payload, headers={"content-type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=INVOKE_S + 10) as response:
                    return response.status, response.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

    def invoke(self, event):
        status, text = self.invoke_raw(json.dumps(event).encode())
        if status != 200:
            raise AssertionError(f"invoke: {status} {text}\n{self.log_text()}")
        return json.loads(text)

    def frame(self, event):
        """A proxy response as (statusCode, body parsed)."""
        answer = self.invoke(event)
        if "statusCode" not in answer:
            raise AssertionError(f"no proxy response: {answer}\n{self.log_text()}")
        return answer["statusCode"], json.loads(answer["body"])

    def log_records(self, event):
        records = []
        for line in self.log_text().splitlines():
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                if isinstance(record, dict) and record.get("event") == event:
                    records.append(record)
        return records

    def metric_lines(self):
        return [json.loads(line) for line in self.log_text().splitlines() if line.startswith('{"_aws":')]


class SqsServer(Process):
    """What ElasticMq and Moto have in common: an SQS endpoint with clients."""
    credentials = KEY

    def client(self, **credentials):
        keys = self.credentials | credentials
        return boto3.client("sqs", endpoint_url=self.url, region_name=REGION,
                            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
                            config=Config(retries={"max_attempts": 1}, connect_timeout=30, read_timeout=60))

    def make_queue(self, name, **attributes):
        return self.client().create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def take(self, url, count, seconds=120):
        """Receives and deletes until `count` messages came, then once more to see that there is no other."""
        sqs, messages = self.client(), []
        end = time.monotonic() + seconds
        while len(messages) < count and time.monotonic() < end:
            messages += self.receive(sqs, url, wait=1)
        messages += self.receive(sqs, url, wait=0)
        if len(messages) != count:
            raise AssertionError(f"{len(messages)} of {count} messages within {seconds} s")
        return [json.loads(message["Body"]) for message in messages]

    @staticmethod
    def receive(sqs, url, wait):
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait).get("Messages", [])
        for message in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return got

    def aws_cli(self, *arguments):
        """The aws command's JSON output; None where it prints nothing."""
        done = subprocess.run([sys.executable, "-m", "awscli", "--endpoint-url", self.url, "--output", "json",
                               *arguments], capture_output=True, text=True, timeout=120,
                              env=clean_environment(AWS_DEFAULT_REGION=REGION, AWS_CONFIG_FILE="/dev/null",
                                                    AWS_SHARED_CREDENTIALS_FILE="/dev/null", **self.credentials))
        if done.returncode != 0:
            raise AssertionError(f"aws {arguments}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None


class ElasticMq(SqsServer):
    def __init__(self):
        port, = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.folder = tempfile.TemporaryDirectory(prefix="facepipe-elasticmq-")
        config = pathlib.Path(self.folder.name) / "elasticmq.conf"
        config.write_text(f'''include classpath("reference.conf")
node-address {{ protocol = http, host = "127.0.0.1", port = {port}, context-path = "" }}
rest-sqs {{ enabled = true, bind-port = {port}, bind-hostname = "127.0.0.1", sqs-limits = strict }}
aws {{ region = "{REGION}", accountId = "000000000000" }}
pekko.http.server.parsing.illegal-header-warnings = off
''')
        jars = CACHE / "aws" / "elasticmq"
        super().__init__(["java", "-Xmx256m", f"-Dconfig.file={config}", "-cp", f"{jars}/*",
                          "org.elasticmq.server.Main"], clean_environment(), cwd=self.folder.name)

    def wait_started(self):
        self.wait_ready(f"{self.url}/health")

    def __exit__(self, *_):
        super().__exit__()
        self.folder.cleanup()


def policy_of(actions):
    """The text of a policy that allows `actions` ("*", or a list) on everything."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


class Moto(SqsServer):
    """`free_calls`: the number of calls before moto begins to check signatures, tokens and policies; None: never."""

    def __init__(self, free_calls=None):
        port, = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        more = {} if free_calls is None else {"INITIAL_NO_AUTH_ACTION_COUNT": str(free_calls)}
        super().__init__([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port],
                         clean_environment(**more))

    def wait_started(self):
        self.wait_ready(f"{self.url}/moto-api/")

    USER_CALLS = 3  # of make_user

    def make_user(self, actions):
        """A user who may do `actions` ("*", or a list), by USER_CALLS calls; its key, as variables, is then the server's."""
        iam = boto3.client("iam", endpoint_url=self.url, region_name=REGION, aws_access_key_id="any",
                           aws_secret_access_key="any")
        iam.create_user(UserName="tester")
        iam.put_user_policy(UserName="tester", PolicyName="own", PolicyDocument=policy_of(actions))
        key = iam.create_access_key(UserName="tester")["AccessKey"]
        self.credentials = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def sqs_record(message, arn="arn:aws:sqs:us-east-1:000000000000:face-requests"):
    """A received message as the event source mapping would hand it to a function."""
    return {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": message.get("Attributes", {}), "messageAttributes": {}, "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": REGION}


def run_mapping_once(server, queue_url, function, wait=5):
    """One turn of an event source mapping with ReportBatchItemFailures; returns (records, failed message ids)."""
    sqs = server.client()
    messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait,
                                   AttributeNames=["All"]).get("Messages", [])
    if not messages:
        return [], []
    response = function.invoke({"Records": [sqs_record(message) for message in messages]})
    if "errorType" in response:
        raise AssertionError(f"the batch failed: {response}\n{function.log_text()}")
    failed = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
    for message in messages:
        if message["MessageId"] not in failed:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return messages, failed


def facepipe(*arguments):
    done = subprocess.run([FACEPIPE, *map(str, arguments)], capture_output=True, text=True, timeout=240,
                          env=clean_environment(FACEPIPE_PACK=str(PACK)))
    if done.returncode != 0:
        raise AssertionError(f"facepipe {arguments} ended with {done.returncode}: {done.stderr}")
    return done


def enrol(folder, *arguments):
    """A gallery file with the training photographs of two people."""
    for person in ("madonna", "elton_john"):
        facepipe("people", "--data", folder, "add", person, "--largest", "--force", *photographs("train", person),
                 *arguments)
    return pathlib.Path(folder) / "gallery.fpg"


class AwsTest(unittest.TestCase):
    """Context managers and a folder that live as long as the class."""

    @classmethod
    def enter(cls, context):
        value = context.__enter__()
        cls.addClassCleanup(context.__exit__, None, None, None)
        return value

    @classmethod
    def make_folder(cls):
        return pathlib.Path(cls.enter(tempfile.TemporaryDirectory(prefix="facepipe-aws-")))
