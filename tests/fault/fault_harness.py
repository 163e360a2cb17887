"""What the fault tests share: a server that comes back on its ports, clients that try until they are answered, a ledger
that compares what was accepted with what was answered.

The promise under test: a frame that was answered 200 ends in exactly one final answer for each face, whatever fails.
"""
import collections
import contextlib
import http.client
import json
import os
import pathlib
import random
import sqlite3
import sys
import threading
import time
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "lambda")]

from aws_harness import ElasticMq, free_ports  # noqa: E402
from harness import ACCOUNT, PHOTOS, PROGRAM, Server, environment, facepipe, wait_until  # noqa: E402,F401

SEED = int(os.environ.get("FAULT_SEED", str(time.time_ns() % 1_000_000)))
SMALL_BYTES = 45_000  # photographs up to this: a frame in some tens of milliseconds
ANSWER_S = 240


def small_photographs():
    return sorted(path for path in PHOTOS.rglob("*.jpg") if path.stat().st_size <= SMALL_BYTES)


def enrol(folder):
    """A gallery of a few photographs of two people."""
    for person in ("madonna", "elton_john"):
        facepipe("people", "--data", folder, "add", "--largest", person,
                 *sorted((PHOTOS / "train" / person).glob("*.jpg"))[:4])
    return pathlib.Path(folder) / "gallery.fpg"


class FixedServer(Server):
    """`facepipe serve` on the same ports each time that it is started."""

    def __init__(self, data, *arguments):
        frame_port, sqs_port = free_ports(2)
        super().__init__(data, *arguments, frame_port=frame_port, sqs_port=sqs_port)


def post_frame(port, request_id, picture, timeout=60, camera=None):
    """(status, answer) of one try; OSError or HTTPException without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        query = urllib.parse.urlencode({"request_id": request_id, "filename": "f.jpg"} | ({"camera": camera} if camera else {}))
        connection.request("POST", f"/?{query}", body=picture, headers={"content-type": "image/jpeg"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())


class Ledger:
    """Frames that were accepted, and the answers that came. Thread-safe."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = 0
        self.tries = 0
        self.expected = 0   # answers to all accepted frames
        self.accepted = {}  # request id -> faces; 0: No-Face
        self.answers = {}   # (request id, face index) -> {message id: answer as text}
        self.deliveries = 0

    def accept(self, request_id, answer):
        with self.lock:
            self.accepted[request_id] = answer.get("faces", 0)
            self.expected += max(1, answer.get("faces", 0))

    def backlog(self):
        """Answers that have not come yet."""
        with self.lock:
            return self.expected - len(self.answers)

    def take(self, message_id, body):
        answer = json.loads(body)
        with self.lock:
            self.deliveries += 1
            face = (answer["request_id"], answer.get("face_index", 0))
            self.answers.setdefault(face, {})[message_id] = body

    def missing(self):
        with self.lock:
            return [(request_id, face) for request_id, faces in self.accepted.items() for face in range(max(1, faces))
                    if (request_id, face) not in self.answers]

    def check(self, test, name):
        """Fails unless every accepted face has one answer; prints the line of counts."""
        lost = self.missing()
        stored_twice = {face: found for face, found in self.answers.items() if len(set(found.values())) > 1}
        copies = sum(len(found) - 1 for found in self.answers.values())
        duplicated = self.deliveries - len(self.answers)
        line = (f"fault: {name} sent={self.sent} accepted={len(self.accepted)} answered={len(self.answers)} "
                f"duplicated={duplicated} lost={len(lost)}")
        print(f"{line}  (tries={self.tries} answers_stored_twice={copies} seed={SEED})", file=sys.stderr, flush=True)
        test.assertEqual(lost, [], "accepted and never answered")
        test.assertEqual(stored_twice, {}, "two different answers for one face")
        test.assertGreater(len(self.accepted), 0)
        return copies


class KeptFaces:
    """What a stopped server has kept in its data folder."""

    def __init__(self, data):
        with contextlib.closing(sqlite3.connect(pathlib.Path(data) / "faces.db")) as store:
            self.count, = store.execute("SELECT count(*) FROM face").fetchone()
            self.visits, = store.execute("SELECT count(*) FROM visit").fetchone()
            self.events = [(key, kind, json.loads(text)) for key, kind, text in
                           store.execute("SELECT key, type, json FROM event ORDER BY id")]
        self.seen = [(event["face"]["request_id"], event["face"]["index"]) for _, kind, event in self.events
                     if kind == "face.seen"]

    def check(self, test, name, ledger):
        """Fails unless every accepted face is kept once and told in one event, and visits begin once; prints counts."""
        accepted = {(request_id, face) for request_id, faces in ledger.accepted.items() for face in range(faces)}
        kinds = collections.Counter(kind for _, kind, _ in self.events)
        lost, twice = accepted - set(self.seen), len(self.seen) - len(set(self.seen))
        print(f"fault: {name} faces={len(accepted)} kept={self.count} told={len(self.seen)} visits={self.visits} "
              f"started={kinds['visit.started']} named={kinds['visit.named']} ended={kinds['visit.ended']} "
              f"lost={len(lost)} twice={twice}  (seed={SEED})", file=sys.stderr, flush=True)
        test.assertEqual(lost, set(), "accepted and not kept")
        test.assertEqual(twice, 0, "a face was told twice")
        test.assertEqual(set(self.seen), accepted, "a face of nobody's frame")
        test.assertEqual(self.count, len(accepted), "a face was kept twice, or not")
        test.assertEqual(len({key for key, _, _ in self.events}), len(self.events), "an event's key came again")
        test.assertEqual(kinds["visit.started"], self.visits, "a visit began twice, or was not told")
        started = [event["visit"]["id"] for _, kind, event in self.events if kind == "visit.started"]
        test.assertEqual(len(started), len(set(started)))


class Senders:
    """Threads that send frames, each again under its id until it is answered 200; with `cameras` each as a camera of its
    own. A context manager: stops at the end, when each thread's last frame is accepted."""

    def __init__(self, port, ledger, pictures, threads=3, prefix="f", pause=0.0, cameras=False):
        self.port, self.ledger, self.pictures, self.prefix, self.pause = port, ledger, pictures, prefix, pause
        self.cameras = cameras
        self.stopping = threading.Event()
        self.unexpected = []
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join()

    def join(self):
        """Every frame is accepted then, or given up."""
        for thread in self.threads:
            thread.join()

    def run(self, number):
        choice = random.Random(SEED * 1000 + number)
        count = 0
        while not self.stopping.is_set():
            request_id = f"{self.prefix}-{number}-{count}"
            count += 1
            with self.ledger.lock:
                self.ledger.sent += 1
            self.send(request_id, choice.choice(self.pictures), f"camera {number}" if self.cameras else None)
            time.sleep(self.pause)

    def send(self, request_id, picture, camera=None):
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            with self.ledger.lock:
                self.ledger.tries += 1
            try:
                status, answer = post_frame(self.port, request_id, picture, camera=camera)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
                continue
            if status == 200:
                self.ledger.accept(request_id, answer)
                return
            if status not in (429, 503):
                self.unexpected.append((status, answer))
            time.sleep(0.05)
        self.unexpected.append((request_id, "never accepted"))


def sqs_client(url):
    import boto3
    from botocore.config import Config
    return boto3.client("sqs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test",
                        aws_secret_access_key="test",
                        config=Config(retries={"max_attempts": 0}, connect_timeout=30, read_timeout=60))


def receive_into(ledger, sqs, queue_url, wait=1):
    """Receives once and deletes; returns how many came."""
    messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=wait).get("Messages", [])
    for message in messages:
        ledger.take(message["MessageId"], message["Body"])
    if messages:
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=[
            {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]} for i, message in enumerate(messages)])
    return len(messages)


class Consumer:
    """A thread that takes answers, whatever happens to the server meanwhile. A context manager."""

    def __init__(self, ledger, url, queue_url):
        self.ledger, self.url, self.queue_url = ledger, url, queue_url
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def run(self):
        from botocore.exceptions import BotoCoreError, ClientError
        sqs = sqs_client(self.url)
        while not self.stopping.is_set():
            try:
                receive_into(self.ledger, sqs, self.queue_url)
            except (BotoCoreError, ClientError, OSError):
                time.sleep(0.05)


def drain(ledger, url, queue_url, seconds=ANSWER_S):
    """Takes answers until none is missing or none came for so long, then once more to see that there is no other."""
    sqs = sqs_client(url)
    end = time.monotonic() + seconds
    while ledger.missing() and time.monotonic() < end:
        if receive_into(ledger, sqs, queue_url):
            end = time.monotonic() + seconds
    while receive_into(ledger, sqs, queue_url, wait=0):
        pass
