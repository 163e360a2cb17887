"""What is kept of faces, for how long, and how it is got rid of: faces.db of a real server."""
import sqlite3
import unittest

from harness import KnownPersonTest, Server, facepipe, photographs, wait_until
from test_api import Client


class Keep(KnownPersonTest):
    def metric(self, server, name):
        _, _, text = server.request("GET", "metrics")
        return int(next(line.split()[1] for line in text.splitlines() if line.startswith(name + " ")))

    def all_bytes(self):
        return b"".join(path.read_bytes() for path in sorted(self.data.iterdir()) if path.is_file())

    def test_nothing_is_kept_where_that_is_asked_for(self):
        for file in self.data.glob("faces.db*"):  # of the enrolment
            file.unlink()
        with Server(self.data, "--keep", "none") as server:
            self.recognise(server, photographs("val", "madonna")[:1])
        self.assertEqual(list(self.data.glob("faces.db*")), [])
        done = facepipe("serve", "--data", self.data, "--keep", "none", "--webhook", "http://127.0.0.1:1/", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--keep", done.stderr)

    def test_a_data_folder_of_the_release_before_gets_its_file_and_counts(self):
        with Server(self.data, "--keep", "none") as server:
            self.recognise(server, photographs("val", "madonna")[:1])
        with Server(self.data) as server:
            self.recognise(server, photographs("val", "madonna")[:2])
            wait_until(lambda: self.metric(server, "facepipe_kept_faces") >= 2, "faces in the metrics")
            self.assertEqual(self.metric(server, "facepipe_kept_healthy"), 1)
            second = facepipe("serve", "--data", self.data, "--port", 0, "--sqs-port", 0, check=False)
            self.assertNotEqual(second.returncode, 0)
            self.assertIn("another process has it open", second.stderr)
            copy = self.folder / "copy.db"
            facepipe("backup", copy, "--data", self.data)
        self.assertGreaterEqual(sqlite3.connect(copy).execute("SELECT count(*) FROM crop").fetchone()[0], 2)
        self.assertEqual((self.data / "faces.db").stat().st_mode & 0o777, 0o600)
        self.assertIn("face-store", facepipe("doctor", "--data", self.data, check=False).stdout)

    def test_bad_times_are_refused(self):
        for option, value in (("--keep-known", "7w"), ("--keep-events", "0"), ("--keep", "some"), ("--keep-bytes", "x")):
            done = facepipe("serve", "--data", self.data, option, value, check=False)
            self.assertNotEqual(done.returncode, 0, option)
            self.assertIn(option, done.stderr)

    def test_pictures_go_when_their_time_is_over(self):
        with Server(self.data, "--keep-known", "2s", "--keep-unknown", "2s") as server:
            self.recognise(server, photographs("val", "madonna")[:1])
            wait_until(lambda: self.metric(server, "facepipe_kept_crops") == 0
                       and self.metric(server, "facepipe_kept_faces") > 0, "the picture is gone, the record is there")
            wait_until(lambda: b"\xff\xd8\xff" not in (self.data / "faces.db").read_bytes()
                       + (self.data / "faces.db-wal").read_bytes(), "no picture in the files")

    def test_sealed_with_a_key(self):
        key = self.folder / "key"
        facepipe("key", "new", key)
        (self.data / "gallery.fpg").unlink()
        facepipe("people", "add", "--data", self.data, "--key-file", key, "--largest", "Madonna",
                 *photographs("train", "madonna")[:3])
        with Server(self.data, "--key-file", key) as server:
            self.recognise(server, photographs("val", "madonna")[:1])
            wait_until(lambda: self.metric(server, "facepipe_kept_faces") > 0, "kept")
        content = (self.data / "faces.db").read_bytes()
        for text in (b"Madonna", b"garden", b"\xff\xd8\xff", b"image/jpeg"):
            self.assertNotIn(text, content)
        done = facepipe("serve", "--data", self.data, check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_erase_reaches_everything(self):
        with Server(self.data) as server:
            self.recognise(server, photographs("val", "madonna")[:2])
            running = facepipe("erase", "Madonna", "--data", self.data, check=False)
            self.assertNotEqual(running.returncode, 0)
            self.assertIn("stop facepipe serve first", running.stderr)
        self.assertIn(b"Madonna", (self.data / "faces.db").read_bytes())
        (self.data / "serve.log").unlink()
        done = facepipe("erase", "Madonna", "--data", self.data)
        self.assertIn("the name is in none of them", done.stdout)
        self.assertNotIn(b"Madonna", self.all_bytes())
        with sqlite3.connect(self.data / "faces.db") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM face WHERE person IS NOT NULL").fetchone()[0], 0)

    def test_erase_reaches_whom_a_person_was_merged_from(self):
        with Server(self.data) as server:
            client = Client(server)
            alias = client.enrol("Louise Ciccone", photographs("train", "madonna")[4:6])["person"]
            (person,) = [one["id"] for one in client.get("/api/people")["items"] if one["name"] == "Madonna"]
            self.assertEqual(client("POST", f"/api/people/{alias}/merge", {"into": person})[0], 200)
        self.assertIn(b"Louise", self.all_bytes())
        facepipe("erase", "Madonna", "--data", self.data)
        self.assertNotIn(b"Louise", self.all_bytes())

    def test_a_damaged_file_is_begun_anew(self):
        with Server(self.data) as server:
            self.recognise(server, photographs("val", "madonna")[:1])
        file = self.data / "faces.db"
        content = bytearray(file.read_bytes())
        for at in range(4096, len(content), 4096):
            content[at:at + 64] = b"\x5a" * 64
        file.write_bytes(content)
        refused = facepipe("serve", "--data", self.data, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("faces.db", refused.stderr)
        facepipe("doctor", "--data", self.data, "--repair", check=False)
        with Server(self.data) as server:
            self.recognise(server, photographs("val", "madonna")[:1])
        self.assertTrue(list(self.data.glob("faces.db.damaged-*")))


if __name__ == "__main__":
    unittest.main()
