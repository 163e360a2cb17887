"""facepipe worker between queues of ElasticMQ and of moto, which checks signatures: names, stops, kills, poison, FIFO."""
import json

from aws_harness import (FACEPIPE, PACK, REGION, AwsTest, ElasticMq, Function, Moto, base64_of, clean_environment, enrol,
                         photographs, wait_until)
from plain_face import plain_face
from silent_queues import SilentQueues
from worker_process import WorkerProcess


class Worker(WorkerProcess):
    def __init__(self, source, results, gallery, *arguments, **environment):
        super().__init__(FACEPIPE, source, results, gallery, *arguments, environment=clean_environment(
            FACEPIPE_PACK=str(PACK), AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", **environment))


class WorkerTest(AwsTest):
    """Face messages as our detector makes them, kept as texts; each test has queues of its own."""
    number = 0

    @classmethod
    def setUpClass(cls):
        cls.gallery = enrol(cls.make_folder())
        cls.photos = [photo for person in ("madonna", "elton_john") for photo in photographs("val", person)]
        with ElasticMq() as server:
            queue = server.make_queue("made")
            with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=queue) as detector:
                for photo in cls.photos:
                    detector.frame({"body": {"request_id": photo.stem, "filename": photo.name,
                                             "content": base64_of(photo)}})
            cls.bodies = [json.dumps(body) for body in server.take(queue, len(cls.photos))]
        cls.names = {photo.stem: photo.parent.name for photo in cls.photos}

    def make_queues(self, **attributes):
        WorkerTest.number += 1
        return (self.server.make_queue(f"requests-{self.number}", **attributes),
                self.server.make_queue(f"answers-{self.number}"))

    def put(self, url, bodies):
        for begin in range(0, len(bodies), 5):
            sent = self.server.client().send_message_batch(QueueUrl=url, Entries=[
                {"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[begin:begin + 5])])
            self.assertEqual(sent.get("Failed", []), [])

    def counts(self, url):
        """(visible, in flight)"""
        state = self.server.client().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return (int(state["ApproximateNumberOfMessages"]), int(state["ApproximateNumberOfMessagesNotVisible"]))

    def check_names(self, *arguments, **environment):
        requests, answers = self.make_queues()
        self.put(requests, self.bodies)
        with Worker(requests, answers, self.gallery, "--once", *arguments, **environment) as worker:
            status, counters = worker.end()
            self.assertEqual(status, 0, worker.log_text())
        self.assertEqual((counters["received"], counters["answers"]), (len(self.bodies), len(self.bodies)))
        taken = self.server.take(answers, len(self.bodies))
        self.assertEqual({answer["request_id"]: answer["result"] for answer in taken}, self.names)
        self.assertEqual(self.counts(requests), (0, 0))

    def check_kill(self, *arguments, **environment):
        requests, answers = self.make_queues()
        self.put(requests, [plain_face(request_id) for request_id in self.names])
        with SilentQueues() as silent, Worker(requests, silent.url + "a", self.gallery, "--threads", 1, "--visibility", 5,
                                              *arguments, **environment) as worker:
            self.assertTrue(silent.asked.wait(120), worker.log_text())  # all that is left is to answer
            worker.process.kill()
            worker.process.wait(30)
        self.assertEqual(sum(self.counts(requests)), len(self.bodies), "none is removed before it is answered")
        with Worker(requests, answers, self.gallery, "--wait", 1, *arguments, **environment) as worker:
            taken = self.server.take(answers, len(self.bodies))
            self.assertEqual(sorted(answer["request_id"] for answer in taken), sorted(self.names))
            wait_until(lambda: self.counts(requests) == (0, 0), "every message is removed")
            status, counters = worker.end(stop=True)
            self.assertEqual((status, counters["answers"]), (0, len(self.bodies)))
            self.assertTrue(worker.events("stopped")[0]["finished"])
        self.assertEqual(self.server.take(answers, 0), [])


class OnElasticMq(WorkerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enter(ElasticMq())

    def test_names(self):
        self.check_names()

    def test_killed_between_receive_and_answer_every_message_is_answered_once(self):
        self.check_kill()

    def test_sigterm_leaves_nothing_hidden(self):
        requests, answers = self.make_queues()
        self.put(requests, self.bodies)
        with Worker(requests, answers, self.gallery, "--threads", 1, "--batch", 3, "--wait", 1) as worker:
            wait_until(lambda: self.counts(answers)[0] > 0, "a first answer")
            status, counters = worker.end(stop=True)
            self.assertEqual(status, 0, worker.log_text())
        self.assertEqual(self.counts(requests), (len(self.bodies) - counters["answers"], 0))
        self.assertEqual(self.counts(answers), (counters["answers"], 0))

    def test_poison_ends_on_the_dead_letter_queue(self):
        dead = self.server.make_queue("dead")
        arn = self.server.client().get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        requests, answers = self.make_queues(RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2}))
        self.put(requests, ["poison", self.bodies[0]])
        with Worker(requests, answers, self.gallery, "--wait", 1) as worker:
            # Two tries, 2 s and 4 s of delay after them.
            wait_until(lambda: self.counts(dead) == (1, 0), "poison is dead")
            self.assertEqual(worker.end(stop=True)[1]["retries"], 2)
        self.assertEqual(len(self.server.take(answers, 1)), 1)

    def test_poison_is_moved_with_its_reason_by_the_worker_itself(self):
        dead = self.server.make_queue("dead-with-reason")
        requests, answers = self.make_queues()
        self.put(requests, ["poison", self.bodies[0]])
        with Worker(requests, answers, self.gallery, "--wait", 1, "--dead-letter", dead, "--max-receives", 2) as worker:
            wait_until(lambda: self.counts(dead) == (1, 0), "poison is dead")
            self.assertEqual(worker.end(stop=True)[0], 0, worker.log_text())
        self.assertEqual(self.counts(requests), (0, 0))
        message, = self.server.client().receive_message(QueueUrl=dead, MessageAttributeNames=["All"])["Messages"]
        self.assertEqual(message["Body"], "poison")
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        self.assertTrue(attributes["facepipe.reason"].startswith("invalid-data: "), attributes)
        self.assertEqual(attributes["facepipe.receive_count"], "2")
        self.assertEqual(len(self.server.take(answers, 1)), 1)

    def test_a_response_queue_that_comes_late_costs_no_receipt(self):
        requests, _ = self.make_queues()
        self.put(requests, self.bodies[:2])
        late = f"{self.server.url}/000000000000/late-answers"
        with Worker(requests, late, self.gallery, "--wait", 1) as worker:
            wait_until(lambda: worker.events("queue_away"), "the worker sees that there is no such queue")
            self.server.make_queue("late-answers")
            self.assertEqual(len(self.server.take(late, 2)), 2)
            wait_until(lambda: self.counts(requests) == (0, 0), "both messages are removed")
            _, counters = worker.end(stop=True)
            self.assertEqual((counters["received"], counters["answers"], counters["retries"]), (2, 2, 0))
            self.assertEqual(len(worker.events("queue_away")), 1)

    def test_fifo_queues_keep_the_order_of_their_groups(self):
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        requests = self.server.make_queue("requests.fifo", **fifo)
        answers = self.server.make_queue("answers.fifo", **fifo)
        sqs = self.server.client()
        order = {"a": [], "b": []}
        for i, body in enumerate(self.bodies):
            group = "ab"[i % 2]
            order[group].append(json.loads(body)["request_id"])
            sqs.send_message(QueueUrl=requests, MessageBody=body, MessageGroupId=group)
        with Worker(requests, answers, self.gallery, "--max-idle", 3, "--wait", 1) as worker:
            self.assertEqual(worker.end()[0], 0, worker.log_text())
        got = {"a": [], "b": []}
        while sum(map(len, got.values())) < len(self.bodies):
            messages = sqs.receive_message(QueueUrl=answers, MaxNumberOfMessages=10, WaitTimeSeconds=5,
                                           AttributeNames=["All"]).get("Messages", [])
            self.assertNotEqual(messages, [])
            for message in messages:
                got[message["Attributes"]["MessageGroupId"]].append(json.loads(message["Body"])["request_id"])
                sqs.delete_message(QueueUrl=answers, ReceiptHandle=message["ReceiptHandle"])
        self.assertEqual(got, order)


class OnMotoWithSignatures(WorkerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enter(Moto(free_calls=Moto.USER_CALLS))
        cls.server.make_user(["sqs:*"])

    def test_names(self):
        self.check_names("--sign", "--region", REGION, **self.server.credentials)

    def test_killed_between_receive_and_answer_every_message_is_answered_once(self):
        self.check_kill("--sign", "--region", REGION, **self.server.credentials)

    def test_a_wrong_secret_and_an_unknown_key_are_refused_at_once(self):
        requests, answers = self.make_queues()
        for wrong in ({"AWS_SECRET_ACCESS_KEY": "x" * 40}, {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWNEXAMPLE00"}):
            with Worker(requests, answers, self.gallery, "--sign", "--region", REGION,
                        **(self.server.credentials | wrong)) as worker:
                status, counters = worker.end()
                self.assertEqual((status, counters["received"]), (1, 0), worker.log_text())
                self.assertIn("source queue: ", worker.log_text())
                self.assertNotIn("x" * 40, worker.log_text())
