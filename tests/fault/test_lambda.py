"""The recognition function is killed, with its emulator, after it has recognised and before its answers are stored."""
import os
import signal
import threading

from fault_harness import ElasticMq, Ledger, drain, enrol, wait_until  # first: it makes the other folders known
from aws_harness import AwsTest, Function, sqs_record
from test_elasticmq import face_messages


class KilledBeforeSend(AwsTest):
    def test_every_face_is_answered_once(self):
        folder, ledger = self.make_folder(), Ledger()
        gallery = enrol(folder)
        bodies = face_messages(folder, ledger)
        # The answers are another server's, so that it can be stopped while the request queue goes on.
        with ElasticMq() as source, ElasticMq() as target:
            requests = source.make_queue("requests", VisibilityTimeout="3")
            answers = target.make_queue("answers")
            for body in bodies:
                source.client().send_message(QueueUrl=requests, MessageBody=body)
            settings = source.credentials | {"SQS_RESPONSE_QUEUE_URL": answers, "FACEPIPE_GALLERY": str(gallery)}
            for _ in range(2):
                self.kill_between(source, target, requests, settings)
            self.finish(source, requests, settings, ledger)
            drain(ledger, target.url, answers)
        ledger.check(self, "lambda-killed kills=2")

    def receive(self, source, requests):
        return source.client().receive_message(QueueUrl=requests, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                               AttributeNames=["All"]).get("Messages", [])

    def kill_between(self, source, target, requests, settings):
        messages = wait_until(lambda: self.receive(source, requests), "face messages")
        os.kill(target.process.pid, signal.SIGSTOP)  # the answers cannot be stored now
        try:
            with Function("fr_lambda.lambda_handler", **settings) as function:
                outcome = []
                invoke = threading.Thread(target=lambda: outcome.append(self.invoke(function, messages)))
                invoke.start()
                wait_until(lambda: len(function.log_records("face")) == len(messages), "all are recognised")
                self.assertEqual(outcome, [], "the function waits for the response queue")
                os.killpg(function.process.pid, signal.SIGKILL)
                invoke.join(30)
                self.assertEqual(outcome, ["cut off"])
        finally:
            os.kill(target.process.pid, signal.SIGCONT)

    @staticmethod
    def invoke(function, messages):
        try:
            return function.invoke({"Records": [sqs_record(message) for message in messages]})
        except Exception:  # whatever the emulator's end looks like to its caller
            return "cut off"

    def finish(self, source, requests, settings, ledger):
        """The event source mapping goes on: what was not reported done comes again."""
        with Function("fr_lambda.lambda_handler", **settings) as function:
            done = set()
            faces = sum(ledger.accepted.values())
            while len(done) < faces:
                messages = wait_until(lambda: self.receive(source, requests), "the messages come again")
                response = function.invoke({"Records": [sqs_record(message) for message in messages]})
                self.assertEqual(response.get("batchItemFailures"), [], function.log_text())
                for message in messages:
                    done.add(message["MessageId"])
                    source.client().delete_message(QueueUrl=requests, ReceiptHandle=message["ReceiptHandle"])
