"""facepipe send: the table, JSON lines, and an exit status that tells of frames without an answer."""
import json
import socket
import unittest

from harness import PHOTOS, Server, TemporaryFolderTest, facepipe, photographs


class Send(TemporaryFolderTest):
    def test_every_frame_is_answered_and_named(self):
        facepipe("people", "--data", self.folder, "import", "--largest", PHOTOS / "train")
        with Server(self.folder) as server:
            report = self.folder / "report.jsonl"
            done = facepipe("send", "--url", server.url, "--results", server.answers_url, "--json", report, PHOTOS / "val")
            frames = [json.loads(line) for line in report.read_text().splitlines()]
        self.assertEqual(len(frames), 25)
        self.assertTrue(all(frame["status"] == "answered" for frame in frames))
        self.assertIn("madonna", done.stdout)
        right = 0
        for frame in frames:
            largest = max(frame["faces"], key=lambda f: (f["box"][2] - f["box"][0]) * (f["box"][3] - f["box"][1]))
            right += largest["name"] == frame["file"].split("/")[-2]
            self.assertGreater(frame["milliseconds"], 0)
        self.assertEqual(right, 25)

    def test_raw_bodies_work_too(self):
        with Server(self.folder) as server:
            done = facepipe("send", "--raw", "--url", server.url, "--results", server.answers_url,
                            photographs("val")[0])
        self.assertIn("unknown", done.stdout)

    def test_a_frame_that_is_refused_is_reported_and_fails(self):
        bad = self.folder / "bad.jpg"
        bad.write_bytes(b"no picture")
        with Server(self.folder) as server:
            done = facepipe("send", "--url", server.url, "--results", server.answers_url, bad, photographs("val")[0],
                            check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.jpg", done.stdout + done.stderr)

    def test_no_server_is_a_clear_error(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        done = facepipe("send", "--url", f"http://127.0.0.1:{port}/", "--results",
                        f"http://127.0.0.1:{port}/000000000000/face-answers", "--timeout", 3, photographs("val")[0],
                        check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(port), done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
