"""ElasticMQ, with its messages in a file, is stopped and started again under a running `facepipe worker`.

Stopped as a service manager does it, not killed: it writes its file behind its answers, so a kill loses messages that it
has acknowledged, and nobody else could bring them back."""
import pathlib

from fault_harness import (ElasticMq, FixedServer, Ledger, drain, enrol, post_frame, receive_into, small_photographs,
                           sqs_client, wait_until)
from harness import PACK, PROGRAM, TemporaryFolderTest, environment
from worker_process import WorkerProcess

FRAMES = 12


class PersistentElasticMq(ElasticMq):
    """Its port and its folder stay the same from start to start."""

    def __init__(self):
        super().__init__()
        self.kept = pathlib.Path(self.folder.name)
        config = self.kept / "elasticmq.conf"
        config.write_text(config.read_text() + f'''
queues-storage {{ enabled = true, path = "{self.kept}/queues.conf" }}
messages-storage {{
  enabled = true
  driver-class-name = "org.h2.Driver"
  uri = "jdbc:h2:{self.kept}/messages"
  username = ""
  password = ""
}}
''')

    def stop(self):
        """As a service manager does it."""
        self.process.terminate()
        self.process.wait(30)


def face_messages(folder, ledger):
    """The face messages of some frames, as the detection stage of `serve` makes them."""
    with FixedServer(folder, "--workers", 0) as server:
        for number, path in enumerate(small_photographs()[:FRAMES]):
            ledger.sent += 1
            status, answer = post_frame(server.frame_port, f"frame-{number}", path.read_bytes())
            assert status == 200, answer
            if answer.get("faces"):
                ledger.accept(f"frame-{number}", answer)
        sqs = sqs_client(server.sqs_url)
        queue = server.answers_url.replace("face-answers", "face-requests")
        bodies = []
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            bodies += [message["Body"] for message in messages]
    return bodies


class ElasticMqRestarts(TemporaryFolderTest):
    @staticmethod
    def misses_a_queue(worker):
        return len(worker.events("queue_away")) > len(worker.events("queue_back"))

    def test_every_face_is_answered_once(self):
        gallery, ledger = enrol(self.folder), Ledger()
        bodies = face_messages(self.folder, ledger)
        with PersistentElasticMq() as server:
            requests = server.make_queue("requests", VisibilityTimeout="5")
            answers = server.make_queue("answers")
            with WorkerProcess(PROGRAM, requests, answers, gallery, "--threads", 2, "--batch", 2, "--wait", 1,
                               "--visibility", 5, environment=environment() | {"FACEPIPE_PACK": str(PACK)}) as worker:
                third = len(bodies) // 3
                for part in (bodies[:third], bodies[third:2 * third]):
                    for body in part:
                        server.client().send_message(QueueUrl=requests, MessageBody=body)
                    wait_until(lambda: not self.misses_a_queue(worker), "the worker is back")
                    receive_into(ledger, sqs_client(server.url), answers)
                    server.stop()
                    wait_until(lambda: self.misses_a_queue(worker), "the worker sees the outage")
                    server.log.close()
                    server.__enter__()
                for body in bodies[2 * third:]:
                    server.client().send_message(QueueUrl=requests, MessageBody=body)
                drain(ledger, server.url, answers)
                status, counters = worker.end(stop=True)
                self.assertEqual(status, 0, worker.log_text())
            counts = sqs_client(server.url).get_queue_attributes(
                QueueUrl=requests, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            self.assertEqual(counts["ApproximateNumberOfMessages"], "0")
        ledger.check(self, "elasticmq-restart restarts=2")
