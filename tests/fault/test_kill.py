"""`facepipe serve` is killed (SIGKILL) again and again under load, at random moments."""
import os
import random
import time

from fault_harness import (SEED, Consumer, FixedServer, KeptFaces, Ledger, Senders, drain, enrol, small_photographs,
                           sqs_client)
from harness import TemporaryFolderTest, wait_until

KILLS = int(os.environ.get("FAULT_KILLS", "20"))


class Kill(TemporaryFolderTest):
    def test_nothing_accepted_is_lost_or_answered_or_kept_twice(self):
        enrol(self.folder)
        choice = random.Random(SEED)
        pictures = [path.read_bytes() for path in small_photographs()]
        ledger, server = Ledger(), FixedServer(self.folder)
        with Senders(server.frame_port, ledger, pictures, cameras=True) as senders:
            url = f"http://127.0.0.1:{server.sqs_port}"
            with Consumer(ledger, url, f"{url}/000000000000/face-answers"):
                for _ in range(KILLS):
                    with server:
                        before, more = len(ledger.accepted), choice.randint(0, 6)
                        wait_until(lambda: len(ledger.accepted) >= before + more, "more frames accepted")
                        time.sleep(choice.uniform(0, 0.2))
                        server.kill()
            with server:
                senders.stopping.set()
                senders.join()
                drain(ledger, server.sqs_url, server.answers_url)
                dead = server.answers_url.replace("face-answers", "face-requests-dead")
                letters = sqs_client(server.sqs_url).get_queue_attributes(
                    QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
                self.assertEqual(letters["ApproximateNumberOfMessages"], "0", "a kill is no fault of the face")
                self.assertEqual(server.stop(), 0)
        copies = ledger.check(self, f"kill kills={KILLS}")
        self.assertEqual(copies, 0, "an answer was stored twice")
        KeptFaces(self.folder).check(self, f"kill kept kills={KILLS}", ledger)
        self.assertEqual(senders.unexpected, [])
