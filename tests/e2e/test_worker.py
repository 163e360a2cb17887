"""facepipe worker on the queues of a server that recognises nothing itself: names, live gallery, stops, kills, poison."""
import json
import subprocess
import time
import unittest

from free_ports import free_ports
from harness import (ACCOUNT, PHOTOS, PROGRAM, WORKER_PROGRAM, Server, TemporaryFolderTest, environment, facepipe,
                     photographs, wait_until)
from plain_face import plain_face
from silent_queues import SilentQueues
from worker_process import WorkerProcess


class RunningWorker(WorkerProcess):
    """Between a server's queues, or its requests and another queue for the answers, and at work."""

    def __init__(self, server, gallery, *arguments, results=None):
        super().__init__(PROGRAM, f"{server.sqs_url}/{ACCOUNT}/face-requests", results or server.answers_url, gallery,
                         *arguments, environment=environment() | {"FACEPIPE_LOG_LEVEL": "debug"})

    def __enter__(self):
        super().__enter__()
        wait_until(lambda: self.events("working") or self.process.poll() is not None, "worker started")
        if not self.events("working"):
            raise AssertionError("worker ended: " + self.log_text())
        return self


class WorkerTest(TemporaryFolderTest):
    @classmethod
    def setUpClass(cls):
        import pathlib
        import tempfile
        cls.enrolled_folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.enrolled_folder.cleanup)
        cls.enrolled = pathlib.Path(cls.enrolled_folder.name)
        facepipe("people", "--data", cls.enrolled, "import", "--largest", PHOTOS / "train")
        cls.gallery = cls.enrolled / "gallery.fpg"

    def setUp(self):
        super().setUp()
        # No gallery, no people: nothing but the worker can name anybody.
        self.server = Server(self.folder, "--workers", 0, "--faces", "largest", sqs_port=free_ports(1)[0])
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.sqs = self.server.sqs()
        self.requests = f"{self.server.sqs_url}/{ACCOUNT}/face-requests"

    def post(self, photo, request_id):
        status, _, body = self.server.request(path=f"?request_id={request_id}&filename={photo.name}",
                                              body=photo.read_bytes(), headers={"content-type": "image/jpeg"})
        self.assertEqual((status, body["message"]), (200, "Face detection complete and request enqueued."))

    def put_faces(self, count):
        for i in range(count):
            self.sqs.send_message(QueueUrl=self.requests, MessageBody=plain_face(f"f{i}"))

    def counts(self, queue="face-requests"):
        """(visible, in flight)"""
        state = self.sqs.get_queue_attributes(QueueUrl=f"{self.server.sqs_url}/{ACCOUNT}/{queue}",
                                              AttributeNames=["All"])["Attributes"]
        return (int(state["ApproximateNumberOfMessages"]), int(state["ApproximateNumberOfMessagesNotVisible"]))

    def run_once(self, *arguments, check=True):
        done = facepipe("worker", "--source", self.requests, "--results", self.server.answers_url, "--gallery",
                        self.gallery, "--once", *arguments, check=check)
        return json.loads(done.stdout) if check else done


class StoppedBySilentQueues(TemporaryFolderTest):
    def test_a_stop_does_not_wait_for_queues_that_do_not_answer(self):
        facepipe("people", "--data", self.folder, "add", "Ann", photographs("train")[0])
        with SilentQueues(plain_face("f")) as queues, WorkerProcess(PROGRAM, queues.url + "q", queues.url + "a",
                                                     self.folder / "gallery.fpg", "--stop-timeout", 1, "--visibility", 3,
                                                     environment=environment()) as worker:
            self.assertTrue(queues.asked.wait(120), worker.log_text())  # for an answer, or a heartbeat
            # Their tries would take minutes.
            status, counters = worker.end(stop=True, seconds=90)
        self.assertEqual((status, counters["received"]), (1, 1))


class Answers(WorkerTest):
    def test_the_server_keeps_the_faces_and_the_worker_names_them(self):
        expected = {}
        for photo in photographs("val")[::3]:
            expected[photo.stem] = photo.parent.name
            self.post(photo, photo.stem)
        self.assertEqual(self.counts(), (len(expected), 0))
        counters = self.run_once("--threads", 2)
        self.assertEqual((counters["received"], counters["answers"], counters["answer_errors"]),
                         (len(expected), len(expected), 0))
        answers = self.server.take_answers(len(expected))
        self.assertEqual({answer["request_id"]: answer["result"] for answer in answers}, expected)
        self.assertEqual(self.counts(), (0, 0))
        self.assertEqual(self.counts("face-answers"), (0, 0))

    def test_the_program_that_is_the_worker_alone(self):
        expected = {photo.stem: photo.parent.name for photo in photographs("val")[:2]}
        for photo in photographs("val")[:2]:
            self.post(photo, photo.stem)
        done = subprocess.run([WORKER_PROGRAM, "--source", self.requests, "--results", self.server.answers_url, "--gallery",
                               self.gallery, "--once"], capture_output=True, text=True, timeout=240, env=environment(),
                              check=True)
        self.assertEqual(json.loads(done.stdout)["answers"], len(expected), done.stderr)
        answers = self.server.take_answers(len(expected))
        self.assertEqual({answer["request_id"]: answer["result"] for answer in answers}, expected)
        self.assertEqual(self.counts(), (0, 0))

    def test_both_programs_take_the_same_options(self):
        texts = [subprocess.run([*command, "--help"], capture_output=True, text=True, timeout=60, env=environment(),
                                check=True).stdout for command in ([PROGRAM, "worker"], [WORKER_PROGRAM])]
        own = "  --version                   Display program version information and exit\n"
        self.assertIn(own, texts[1])
        self.assertEqual(*(text.replace(own, "").split("\n", 2)[2] for text in texts))

    def test_an_empty_queue_is_done_at_once(self):
        self.assertEqual(self.run_once()["received"], 0)

    def test_what_cannot_be_read_is_an_error_answer_or_ends_on_the_dead_letter_queue(self):
        self.sqs.set_queue_attributes(QueueUrl=self.requests, Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:face-requests-dead", "maxReceiveCount": 1})})
        self.sqs.send_message(QueueUrl=self.requests, MessageBody='{"request_id":"bad","face":"AAAA"}')
        self.sqs.send_message(QueueUrl=self.requests, MessageBody="poison")
        with RunningWorker(self.server, self.gallery, "--wait", 1):
            answer, = self.server.take_answers(1)
            self.assertEqual((answer["request_id"], answer["result"]), ("bad", "error"))
            wait_until(lambda: self.counts("face-requests-dead") == (1, 0), "poison is dead")
        self.assertEqual(self.counts("face-answers"), (0, 0))

    def test_the_same_message_twice_is_answered_once(self):
        self.post(photographs("val", "madonna")[0], "twice")
        message, = self.sqs.receive_message(QueueUrl=self.requests)["Messages"]
        self.sqs.change_message_visibility(QueueUrl=self.requests, ReceiptHandle=message["ReceiptHandle"],
                                           VisibilityTimeout=0)
        self.sqs.send_message(QueueUrl=self.requests, MessageBody=message["Body"])
        counters = self.run_once("--batch", 1, "--threads", 1)
        self.assertEqual((counters["received"], counters["answers"], counters["duplicates"]), (2, 1, 1))
        self.assertEqual(len(self.server.take_answers(1)), 1)
        self.assertEqual(self.counts("face-answers"), (0, 0))

    def test_people_added_while_it_runs_are_recognised(self):
        own = self.folder / "own"
        facepipe("people", "--data", own, "add", "--largest", "elton_john", *photographs("train", "elton_john")[:3])
        photo = photographs("val", "madonna")[0]
        with RunningWorker(self.server, own / "gallery.fpg", "--wait", 1):
            self.post(photo, "before")
            self.assertEqual(self.server.take_answers(1)[0]["result"], "unknown")
            facepipe("people", "--data", own, "add", "--largest", "--force", "madonna", *photographs("train", "madonna"))
            self.post(photo, "after")
            self.assertEqual(self.server.take_answers(1)[0]["result"], "madonna")


class Ends(WorkerTest):
    def test_sigterm_finishes_what_is_in_work_and_leaves_the_rest(self):
        photos = photographs("val")
        for i, photo in enumerate(photos):
            self.post(photo, f"f{i}")
        with RunningWorker(self.server, self.gallery, "--wait", 1, "--threads", 1, "--batch", 4) as worker:
            wait_until(lambda: self.counts("face-answers")[0] > 0, "a first answer")
            status, counters = worker.end(stop=True, seconds=60)
            self.assertEqual(status, 0, worker.log_text())
            self.assertTrue(worker.events("stopped")[0]["finished"])
        self.assertEqual(self.counts("face-answers"), (counters["answers"], 0))
        self.assertEqual(self.counts(), (len(photos) - counters["answers"], 0), "nothing stays hidden")
        self.run_once()
        answered = [answer["request_id"] for answer in self.server.take_answers(len(photos))]
        self.assertEqual(sorted(answered), sorted(f"f{i}" for i in range(len(photos))))

    def test_sigkill_loses_nothing(self):
        self.put_faces(10)
        with SilentQueues() as silent, RunningWorker(self.server, self.gallery, "--wait", 1, "--threads", 1, "--visibility", 3,
                                                     results=silent.url + "a") as worker:
            self.assertTrue(silent.asked.wait(120), worker.log_text())  # all that is left is to answer
            worker.process.kill()
            worker.process.wait(30)
        self.assertEqual(sum(self.counts()), 10, "none is removed before it is answered")
        with RunningWorker(self.server, self.gallery, "--wait", 1):
            answered = [answer["request_id"] for answer in self.server.take_answers(10)]
            self.assertEqual(sorted(answered), [f"f{i}" for i in range(10)])
            wait_until(lambda: self.counts() == (0, 0), "every message is removed")
        self.assertEqual(self.counts("face-answers"), (0, 0))

    def test_a_batch_that_is_not_finished_in_time_goes_back(self):
        self.put_faces(10)
        with SilentQueues() as silent, RunningWorker(self.server, self.gallery, "--threads", 1, "--stop-timeout", 0,
                                                     results=silent.url + "a") as worker:
            self.assertTrue(silent.asked.wait(120), worker.log_text())
            status, counters = worker.end(stop=True)
        self.assertEqual((status, counters["answers"], counters["given_back"]), (1, 0, 10))
        self.assertEqual(self.counts(), (10, 0))

    def test_a_gallery_that_is_gone_makes_nobody_unknown(self):
        gallery = self.folder / "own.fpg"
        gallery.write_bytes(self.gallery.read_bytes())
        with RunningWorker(self.server, gallery, "--wait", 1) as worker:
            gallery.unlink()
            wait_until(lambda: worker.events("gallery_not_loaded"), "the worker says so")
            self.post(photographs("val", "madonna")[0], "m")
            wait_until(lambda: worker.events("received"), "the face is with the worker")
            # By the last good one, or by the one that comes back, however long that takes.
            gallery.write_bytes(self.gallery.read_bytes())
            self.assertEqual(self.server.take_answers(1)[0]["result"], "madonna")

    def test_a_stop_that_ends_the_wait_for_a_gallery_fails_no_message(self):
        gallery = self.folder / "own.fpg"
        gallery.write_bytes(self.gallery.read_bytes())
        dead = f"{self.server.sqs_url}/{ACCOUNT}/face-requests-dead"
        with RunningWorker(self.server, gallery, "--wait", 1, "--threads", 1, "--dead-letter", dead,
                           "--max-receives", 1) as worker:
            gallery.write_bytes(b"no gallery")
            wait_until(lambda: worker.events("gallery_not_loaded"), "the worker sees it")
            time.sleep(11)  # so long the last good one is in use
            self.put_faces(1)
            wait_until(lambda: worker.events("received"), "a batch that waits for the gallery")
            status, counters = worker.end(stop=True, seconds=60)
            self.assertEqual((status, counters["given_back"], counters["retries"]), (0, 1, 0), worker.log_text())
        self.assertEqual(self.counts(), (1, 0))
        self.assertEqual(self.counts("face-requests-dead"), (0, 0))

    def test_a_server_that_goes_away_is_waited_for(self):
        with RunningWorker(self.server, self.gallery, "--wait", 1, "--threads", 1) as worker:
            self.assertEqual(self.server.stop(), 0)
            wait_until(lambda: worker.events("queue_away"), "the worker sees it")
            with self.server:
                self.post(photographs("val", "madonna")[0], "later")
                self.assertEqual(self.server.take_answers(1)[0]["result"], "madonna")
                self.assertEqual(worker.end(stop=True, seconds=60)[0], 0)
                self.assertEqual((len(worker.events("queue_away")), len(worker.events("queue_back"))), (1, 1))


class Errors(WorkerTest):
    def test_no_such_queue(self):
        done = facepipe("worker", "--source", f"{self.server.sqs_url}/{ACCOUNT}/nothing", "--results",
                        self.server.answers_url, "--gallery", self.gallery, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("source queue: ", done.stderr)
        self.assertIn("nothing", done.stderr)

    def test_no_gallery(self):
        done = facepipe("worker", "--source", self.requests, "--results", self.server.answers_url, "--gallery",
                        self.folder / "none.fpg", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.fpg: no such file", done.stderr)

    def test_no_url(self):
        done = facepipe("worker", "--source", "face-requests", "--results", self.server.answers_url, "--gallery",
                        self.gallery, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("face-requests", done.stderr)

    def test_a_dead_letter_queue_of_the_other_kind(self):
        for source, dead, expected in ((self.requests, self.requests + "-dead.fifo", "expected a standard queue, as --source is"),
                                       (self.requests + ".fifo", self.requests, "expected a FIFO queue, as --source is")):
            done = facepipe("worker", "--source", source, "--results", self.server.answers_url, "--dead-letter", dead,
                            "--gallery", self.gallery, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--dead-letter: " + expected, done.stderr)

    def test_amazons_queues_need_credentials(self):
        clean = environment() | {"HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run([PROGRAM, "worker", "--source", "https://sqs.eu-west-1.amazonaws.com/1/q", "--results",
                               self.server.answers_url, "--gallery", str(self.gallery)], capture_output=True, text=True,
                              timeout=60, env=clean)
        self.assertEqual(done.returncode, 1)
        self.assertIn("credentials", done.stderr)


if __name__ == "__main__":
    unittest.main()
