"""Several unchanged clients on one answer queue: each receives one message at a time, deletes its own, leaves others' alone."""
import json
import threading
import time
import unittest

from harness import Server, TemporaryFolderTest, facepipe

CLIENTS = 3
ANSWERS_EACH = 8
FRAMES_A_SECOND = 4
# Who looks at an answer is chance, so the wait is: half of them, and the slowest of them all. An answer that was looked at is
# hidden for a second; were it SQS's usual 30, two of three would take longer than that, and some take minutes.
USUALLY_WITHIN_S, ALWAYS_WITHIN_S = 15, 90


class AnswerQueue(TemporaryFolderTest):
    def visibility(self, server):
        sqs = server.sqs()
        return sqs.get_queue_attributes(QueueUrl=server.answers_url, AttributeNames=["VisibilityTimeout"])[
            "Attributes"]["VisibilityTimeout"]

    def test_each_client_sees_its_answers_within_seconds(self):
        sent, waited, lock = {}, {}, threading.Lock()
        with Server(self.folder, "--workers", 0) as server:
            stop = threading.Event()

            def client(number):
                sqs, missing = server.sqs(), {f"{number}-{i}" for i in range(ANSWERS_EACH)}
                while missing and not stop.is_set():
                    for message in sqs.receive_message(QueueUrl=server.answers_url, WaitTimeSeconds=1).get("Messages", []):
                        name = json.loads(message["Body"])["request_id"]
                        if name in missing:
                            sqs.delete_message(QueueUrl=server.answers_url, ReceiptHandle=message["ReceiptHandle"])
                            missing.discard(name)
                            with lock:
                                waited[name] = time.monotonic() - sent[name]

            threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
            for thread in threads:
                thread.start()
            sqs = server.sqs()
            for i in range(ANSWERS_EACH):
                for number in range(CLIENTS):
                    name = f"{number}-{i}"
                    sent[name] = time.monotonic()
                    sqs.send_message(QueueUrl=server.answers_url, MessageBody=json.dumps({"request_id": name, "result": "unknown"}))
                    time.sleep(1 / FRAMES_A_SECOND / CLIENTS)  # the clients' own pace
            for thread in threads:
                thread.join(2 * ALWAYS_WITHIN_S)
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(len(waited), CLIENTS * ANSWERS_EACH, "every client got every answer")
        print(f"answers seen after {sorted(waited.values())[len(waited) // 2]:.2f} s (median), {max(waited.values()):.2f} s (most)")
        self.assertLess(sorted(waited.values())[len(waited) // 2], USUALLY_WITHIN_S)
        self.assertLess(max(waited.values()), ALWAYS_WITHIN_S)

    def test_the_option_the_users_setting_and_an_earlier_release(self):
        with Server(self.folder, "--workers", 0) as server:
            self.assertEqual(self.visibility(server), "1")
            # As an earlier release left it: 30 s, without the tag.
            sqs = server.sqs()
            sqs.set_queue_attributes(QueueUrl=server.answers_url, Attributes={"VisibilityTimeout": "30"})
            sqs.untag_queue(QueueUrl=server.answers_url, TagKeys=["facepipe:visibility"])
        with Server(self.folder, "--workers", 0) as server:
            self.assertEqual(self.visibility(server), "1", "moved once")
            server.sqs().set_queue_attributes(QueueUrl=server.answers_url, Attributes={"VisibilityTimeout": "30"})
        with Server(self.folder, "--workers", 0) as server:
            self.assertEqual(self.visibility(server), "30", "what the user sets stays")
        with Server(self.folder, "--workers", 0, "--answer-visibility", 7) as server:
            self.assertEqual(self.visibility(server), "7")
        with Server(self.folder, "--workers", 0) as server:
            self.assertEqual(self.visibility(server), "7")
        refused = facepipe("serve", "--data", self.folder, "--answer-visibility", 43201, check=False)
        self.assertEqual(refused.returncode, 2)


if __name__ == "__main__":
    unittest.main()
