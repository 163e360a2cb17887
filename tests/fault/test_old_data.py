"""Data folders that release 0.1.0 made (tests/data/release-0.1.0) open and work, at the time at which they were left."""
import base64
import json
import tarfile
import time

from fault_harness import facepipe
from harness import ROOT, TemporaryFolderTest
from png_file import flat_png
from test_clock import LIBRARIES, ServerWithClock

DATA = ROOT / "tests" / "data" / "release-0.1.0"
MADE = json.loads((DATA / "made.json").read_text())
PEOPLE = ["1  Zoë", "1  B"]


class OldData(TemporaryFolderTest):
    def opens(self, name, *key):
        self.assertTrue(LIBRARIES, "libfaketime is not installed: tools/setup/fault.sh")
        with tarfile.open(DATA / f"{name}.tar.xz") as archive:
            archive.extractall(self.folder)
        data, made = self.folder / name, MADE[name]

        listed = facepipe("people", "--data", data, *key, "list").stdout.splitlines()
        self.assertEqual(listed[:2], PEOPLE)
        facepipe("people", "--data", data, *key, "rename", "B", "Bea")
        self.assertEqual(facepipe("people", "--data", data, *key, "list").stdout.splitlines()[:2], ["1  Zoë", "1  Bea"])
        self.assertIn(made["token_id"], facepipe("token", "--data", data, "list").stdout)
        self.assertIn(made["sqs_key_id"], facepipe("token", "--data", data, "sqs-key", "list").stdout)
        # A key would be asked for the signature of a request of then; without one loopback may use the port.
        facepipe("token", "--data", data, "sqs-key", "revoke", made["sqs_key_id"])

        server = ServerWithClock(data, *key, "--workers", "0")
        server.clock = data / "clock"
        server.set_clock(f"-{int(time.time() - made['made']) - 60}s")  # a minute after it was left
        with server:
            frame = json.dumps({"request_id": "old-1", "filename": "a.png",
                                "content": base64.b64encode(flat_png(65, 64, (120, 120, 120))).decode()}).encode()
            self.assertEqual(server.request(body=frame)[0], 401)
            headers = {"content-type": "application/json", "authorization": f"Bearer {made['token']}"}
            self.assertEqual(server.request(body=frame, headers=headers)[0], 200)
            answers = server.take_answers(3)
            self.assertEqual(sorted(answer["request_id"] for answer in answers), ["old-0", "old-1", "old-2"])
            self.assertEqual({answer["result"] for answer in answers}, {"No-Face"})
            sqs = server.sqs()
            for queue, body in (("face-requests", '"old-face"'), ("own.fifo", "kept"), ("face-answers", None)):
                url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
                messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
                # The frame that came again was known: it gave no second answer.
                self.assertEqual([body in message["Body"] for message in messages], [] if body is None else [True], queue)
            self.assertEqual(server.stop(), 0)
        findings = facepipe("doctor", "--data", data, *key, "--json", check=False).stdout.splitlines()
        # The people's embeddings were made up, of four values: no pack goes with them.
        self.assertEqual([finding["check"] for finding in map(json.loads, findings) if finding["verdict"] == "trouble"],
                         ["gallery"])

    def test_plain(self):
        self.opens("plain")

    def test_encrypted(self):
        key = self.folder / "key"
        key.touch(mode=0o600)
        key.write_text(MADE["key"])
        self.opens("sealed", "--key-file", key)


if __name__ == "__main__":
    import unittest
    unittest.main()
