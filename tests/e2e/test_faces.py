"""facepipe faces and visits: what is kept, on a running server and on a stopped one."""
import csv
import hashlib
import io
import json
import stat
import struct
import unittest

from harness import Server, TemporaryFolderTest, facepipe, photographs


def with_people(gallery, names):
    """The bytes of a gallery (docs/formats/gallery.md, written whole) with one more person of each name; their embeddings
    are all its first one."""
    size, = struct.unpack("<I", gallery[76:80])
    header = json.loads(gallery[80:80 + size])
    count, width = header["embeddings"], 4 * header["embedding_size"]
    owners, vectors = gallery[80 + size:][:4 * count], gallery[80 + size + 4 * count:]
    first = len(header["people"])
    header["people"] += [{"id": f"{i + 1:016x}", "name": name} for i, name in enumerate(names)]
    header["embeddings"] += len(names)
    text = json.dumps(header).encode()
    added = struct.pack(f"<{len(names)}I", *range(first, first + len(names)))
    body = struct.pack("<I", len(text)) + text + owners + added + vectors + vectors[:width] * len(names)
    return gallery[:12] + hashlib.sha256(body).hexdigest().encode() + body


class Kept(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        photos = photographs("train", "madonna")
        facepipe("people", "--data", self.folder, "add", "--largest", "Madonna", *photos[:4])
        self.sent = [photos[6], photographs("val", "elton_john")[0]]

    def send(self, server):
        for camera, photo in zip(("door", "hall"), self.sent):
            status, _, answer = server.request(
                path=f"api/frames?wait=30&camera={camera}&request_id={camera}", body=photo.read_bytes(),
                headers={"content-type": "image/jpeg"})
            self.assertEqual(status, 200, answer)

    def ask(self, *arguments):
        return facepipe(*arguments[:2], "--data", self.folder, *arguments[2:]).stdout

    def check(self):
        """The same questions, whoever answers them."""
        faces = [json.loads(line) for line in self.ask("faces", "export").splitlines()]
        self.assertEqual({face["camera"] for face in faces}, {"door", "hall"})
        (known,) = [json.loads(line) for line in self.ask("faces", "export", "--person", "Madonna").splitlines()]
        self.assertEqual((known["decision"]["name"], known["camera"]), ("Madonna", "door"))
        self.assertEqual(self.ask("faces", "export", "--camera", "nowhere"), "")
        self.assertEqual(len(self.ask("faces", "list", "--limit", "1").splitlines()), 1)
        self.assertIn(known["id"], self.ask("faces", "list", "--known"))
        shown = json.loads(self.ask("faces", "show", known["id"], "--image", self.folder / "face"))
        self.assertEqual(shown["id"], known["id"])
        self.assertIn((self.folder / "face").read_bytes()[:2], (b"\xff\xd8", b"\x89P"))
        rows = list(csv.DictReader(io.StringIO(self.ask("faces", "export", "--format", "csv"))))
        self.assertEqual({row["id"] for row in rows}, {face["id"] for face in faces})
        visits = [json.loads(line) for line in self.ask("visits", "export").splitlines()]
        self.assertIn("door", {visit["camera"] for visit in visits})
        self.assertEqual(json.loads(self.ask("visits", "show", visits[0]["id"]))["id"], visits[0]["id"])
        self.assertEqual(len(list(csv.DictReader(io.StringIO(self.ask("visits", "export", "--format", "csv"))))), len(visits))
        self.assertIn(visits[0]["id"], self.ask("visits", "list"))
        return {face["id"] for face in faces}

    def test_a_person_is_found_however_many_others_have_the_name_in_theirs(self):
        file = self.folder / "gallery.fpg"
        file.write_bytes(with_people(file.read_bytes(), [f"Anna {i}" for i in range(600)] + ["Anna"]))
        with Server(self.folder, "--workers", 0):
            self.assertEqual(self.ask("faces", "export", "--person", "Anna"), "")
        self.assertEqual(self.ask("faces", "export", "--person", "Anna"), "")

    def test_odd_folders_and_limits_are_told(self):
        odd = self.folder / "odd"
        odd.mkdir()
        (odd / "faces.db").symlink_to("faces.db")
        for words in (("faces", "list"), ("visits", "export")):
            done = facepipe(*words, "--data", odd, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("faces.db", done.stderr)
        done = facepipe("faces", "list", "--limit", "-1", "--data", self.folder, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--limit", done.stderr)

    def test_running_and_stopped(self):
        with Server(self.folder) as server:
            self.send(server)
            run_file = self.folder / "server.json"
            self.assertEqual(stat.S_IMODE(run_file.stat().st_mode), 0o600)
            token = json.loads(run_file.read_text())["token"]
            running = self.check()
            self.assertEqual(server.stop(), 0)
            self.assertNotIn(token, server.log_path.read_text())
        self.assertFalse((self.folder / "server.json").exists())
        self.assertEqual(self.check(), running)

    def test_a_server_with_tokens_and_one_that_was_killed(self):
        facepipe("token", "add", "somebody", "--data", self.folder)
        with Server(self.folder) as server:
            status, _, _ = server.request("GET", "api/faces")
            self.assertEqual(status, 401)
            self.assertEqual(self.ask("faces", "export"), "")
            server.kill()
        self.assertTrue((self.folder / "server.json").exists())
        self.assertEqual(self.ask("faces", "export"), "")
        with Server(self.folder):
            self.assertEqual(self.ask("visits", "list"), "")

    def test_what_is_wrong(self):
        empty = facepipe("faces", "list", "--data", self.folder / "nothing", check=False)
        self.assertEqual(empty.returncode, 1)
        self.assertIn("nothing is kept", empty.stderr)
        for arguments, words in ((("faces", "list", "--person", "Nobody"), "nobody of the name"),
                                 (("faces", "show", "x"), "16 lower-case hexadecimal characters")):
            done = facepipe(*arguments[:2], "--data", self.folder, *arguments[2:], check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
        with Server(self.folder, "--workers", 0):
            done = facepipe("faces", "show", "--data", self.folder, "00000000000000ff", check=False)
            self.assertEqual(done.returncode, 1)
            done = facepipe("faces", "list", "--data", self.folder, "--from", "yesterday", check=False)
            self.assertIn("expected a time as", done.stderr)

    def test_a_name_that_is_a_formula_is_text_in_a_spreadsheet(self):
        facepipe("people", "--data", self.folder, "rename", "Madonna", "=HYPERLINK(\"x\")")
        with Server(self.folder) as server:
            self.send(server)
        exported = facepipe("faces", "export", "--data", self.folder, "--format", "csv", "--known").stdout
        self.assertIn("\"'=HYPERLINK(\"\"x\"\")\"", exported)


if __name__ == "__main__":
    unittest.main()
