"""facepipe serve: the wire contracts, and that nothing accepted is lost."""
import base64
import json
import threading
import unittest

from harness import PHOTOS, Server, TemporaryFolderTest, facepipe, photographs, wait_until
from png_file import flat_png



def frame(path, request_id, **more):
    return json.dumps({"request_id": request_id, "filename": path.name,
                       "content": base64.b64encode(path.read_bytes()).decode()} | more).encode()


def blank_jpeg(folder):
    """A picture without a face, made by the program's own encoder: the annotated copy of a flat PNG."""
    path = folder / "blank.png"
    path.write_bytes(flat_png(200, 160, (90, 120, 150)))
    return path


class ServeTest(TemporaryFolderTest):
    @classmethod
    def setUpClass(cls):
        import pathlib
        import tempfile
        cls.enrolled_folder = tempfile.TemporaryDirectory()
        cls.enrolled = pathlib.Path(cls.enrolled_folder.name)
        facepipe("people", "--data", cls.enrolled, "import", "--largest", PHOTOS / "train")

    @classmethod
    def tearDownClass(cls):
        cls.enrolled_folder.cleanup()

    def setUp(self):
        super().setUp()
        (self.folder / "gallery.fpg").write_bytes((self.enrolled / "gallery.fpg").read_bytes())


class Contracts(ServeTest):
    def test_error_table(self):
        blank = blank_jpeg(self.folder)
        with Server(self.folder) as server:
            cases = [
                (b"", 400, {"error": "Missing request body"}),
                (b"{not json", 400, {"error": "Request body must be valid JSON"}),
                (b'{"request_id":"r","filename":"f"}', 400,
                 {"error": "Missing one or more required fields: request_id, filename, content"}),
                (b'{"request_id":"r","filename":"","content":"x"}', 400,
                 {"error": "Missing one or more required fields: request_id, filename, content"}),
                (frame(blank, "blank"), 200, {"message": "No face detected."}),
            ]
            for body, status, answer in cases:
                got_status, _, got = server.request(body=body)
                self.assertEqual(got_status, status, body[:60])
                self.assertEqual({key: got[key] for key in answer}, answer)
            for content in ("!!!!", base64.b64encode(b"GIF89a......").decode()):
                status, _, got = server.request(body=json.dumps(
                    {"request_id": "r", "filename": "f", "content": content}).encode())
                self.assertEqual(status, 400)
                self.assertIn("expected", got["error"])
            (no_face,) = server.take_answers(1)
            self.assertEqual((no_face["request_id"], no_face["result"]), ("blank", "No-Face"))

    def test_json_and_raw_frames_get_the_same_answer(self):
        photo = photographs("val", "elton_john")[0]
        with Server(self.folder) as server:
            status, _, body = server.request(body=frame(photo, "as-json"))
            self.assertEqual((status, body["message"]), (200, "Face detection complete and request enqueued."))
            status, _, body = server.request(path="?request_id=as-raw&filename=a.jpg", body=photo.read_bytes(),
                                             headers={"content-type": "image/jpeg"})
            self.assertEqual((status, body["message"]), (200, "Face detection complete and request enqueued."))
            answers = {answer["request_id"]: answer for answer in server.take_answers(2)}
        self.assertEqual(answers["as-json"]["result"], "elton_john")
        self.assertEqual(answers["as-raw"]["result"], "elton_john")
        self.assertAlmostEqual(answers["as-raw"]["distance"], answers["as-json"]["distance"], places=5)

    def test_other_paths_and_methods(self):
        with Server(self.folder) as server:
            self.assertEqual(server.request("GET", "healthz")[0], 200)
            self.assertEqual(server.request("GET", "readyz")[0], 200)
            self.assertIn("facepipe_frames_accepted_total 0", server.request("GET", "metrics")[2])
            self.assertEqual(server.request("GET", "nothing")[0], 404)
            self.assertEqual(server.request("POST", "healthz")[0], 405)

    def test_people_added_while_it_runs_are_recognised(self):
        (self.folder / "gallery.fpg").unlink()
        photos = photographs("train", "madonna")[:3]
        with Server(self.folder) as server:
            server.request(body=frame(photographs("val", "madonna")[0], "before"))
            self.assertEqual(server.take_answers(1)[0]["result"], "unknown")
            facepipe("people", "--data", self.folder, "add", "--largest", "madonna", *photos)
            server.request(body=frame(photos[0], "after"))
            self.assertEqual(server.take_answers(1)[0]["result"], "madonna")

    def test_a_second_server_on_the_same_data_is_refused(self):
        with Server(self.folder):
            done = facepipe("serve", "--data", self.folder, "--port", 0, "--sqs-port", 0, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("queues.db", done.stderr)

    def test_a_message_that_is_no_face_gets_an_error_answer_or_the_dead_letter_queue(self):
        with Server(self.folder) as server:
            sqs = server.sqs()
            requests = sqs.get_queue_url(QueueName="face-requests")["QueueUrl"]
            dead = sqs.get_queue_url(QueueName="face-requests-dead")["QueueUrl"]
            sqs.set_queue_attributes(QueueUrl=requests, Attributes={"RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:face-requests-dead", "maxReceiveCount": 1})})
            sqs.send_message(QueueUrl=requests, MessageBody='{"request_id":"bad","face":"AAAA"}')
            (answer,) = server.take_answers(1)
            self.assertEqual((answer["request_id"], answer["result"]), ("bad", "error"))
            sqs.send_message(QueueUrl=requests, MessageBody="poison")
            letters = wait_until(lambda: server.request("GET", "api/system/dead-letters")[2]["items"], "told by the API")
            self.assertEqual((letters[0]["request_id"], letters[0]["received"], letters[0]["queue"]), ("", 1, "face-requests"))
            self.assertTrue(letters[0]["reason"])
            self.assertNotIn("poison", json.dumps(letters))
            message = wait_until(
                lambda: sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1).get("Messages"), "poison is dead")[0]
            self.assertEqual(message["Body"], "poison")


def messages_on(sqs, queue):
    """How many, whether they can be seen or not."""
    counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    return sum(int(counts["ApproximateNumberOfMessages" + kind]) for kind in ("", "NotVisible", "Delayed"))


class Durability(ServeTest):
    def post_all(self, server, files):
        accepted, lock = [], threading.Lock()

        def post(part):
            for path in part:
                try:
                    status, _, _ = server.request(body=frame(path, path.stem))
                except OSError:
                    continue  # the server was killed: this frame was never accepted
                if status == 200:
                    with lock:
                        accepted.append(path.stem)

        threads = [threading.Thread(target=post, args=(files[i::3],)) for i in range(3)]
        for thread in threads:
            thread.start()
        return threads, accepted

    def test_sigterm_finishes_or_keeps_what_was_accepted(self):
        files = photographs("val")
        with Server(self.folder) as server:
            threads, accepted = self.post_all(server, files)
            wait_until(lambda: len(accepted) >= 5, "five frames accepted")
            self.assertEqual(server.stop(), 0)
            for thread in threads:
                thread.join()
        self.check_answers(accepted)

    def test_kill_loses_nothing_that_was_accepted(self):
        files = photographs("val")
        with Server(self.folder) as server:
            threads, accepted = self.post_all(server, files)
            wait_until(lambda: len(accepted) >= 5, "five frames accepted")
            server.kill()
            for thread in threads:
                thread.join()
        self.check_answers(accepted)

    def test_with_a_key_no_file_shows_a_message_and_a_restart_with_it_goes_on(self):
        key, photo = self.folder / "key", photographs("val", "madonna")[0]
        facepipe("key", "new", key)
        facepipe("people", "--data", self.folder, "--key-file", key, "encrypt")
        with Server(self.folder, "--key-file", key, "--workers", "0") as server:
            status, _, answer = server.request(body=frame(photo, "keyed-request"))
            self.assertEqual(status, 200, answer)
            server.kill()
        for file in self.folder.iterdir():
            if file.name != "serve.log":
                content = file.read_bytes()
                for text in (b"keyed-request", b"madonna", b"request_id"):
                    self.assertNotIn(text, content, file.name)
        with self.assertRaisesRegex(AssertionError, "no key was given"), Server(self.folder):
            pass
        with Server(self.folder, "--key-file", key) as server:
            [answer] = server.take_answers(1)
        self.assertEqual((answer["request_id"], answer["result"]), ("keyed-request", "madonna"))

    def check_answers(self, accepted):
        """After a restart every accepted frame has been answered; face 0 of each exactly once."""
        with Server(self.folder) as server:
            firsts = []
            end_wanted = set(accepted)

            def collect():
                for answer in server.take_answers(1):
                    if answer.get("face_index", 0) == 0:
                        firsts.append(answer["request_id"])
                return end_wanted <= set(firsts)

            wait_until(collect, "every accepted frame answered")
            # An answer that comes a second time comes before the last face is settled.
            sqs, requests = server.sqs(), server.answers_url.replace("face-answers", "face-requests")
            wait_until(lambda: messages_on(sqs, requests) == 0, "every face is settled")
            while messages_on(sqs, server.answers_url):
                collect()
        self.assertEqual(len(firsts), len(set(firsts)))


if __name__ == "__main__":
    unittest.main()
