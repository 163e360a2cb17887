"""A gallery whose bulk is mapped (people compact): edited by one process while another serves it, killed while it is
edited, damaged, erased from."""
import json
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest

from harness import PHOTOS, PROGRAM, Server, TemporaryFolderTest, enrolled, environment, facepipe, photographs

MAGIC = b"FPGALL\r\n\x03"


def embedding_of(picture):
    return json.loads(facepipe("embed", picture).stdout)["faces"][0]["embedding"]


class MappedGallery(TemporaryFolderTest):
    @classmethod
    def setUpClass(cls):
        cls.enrolled_folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.enrolled_folder.cleanup)
        made = pathlib.Path(cls.enrolled_folder.name)
        facepipe("people", "--data", made, "import", "--largest", PHOTOS / "train")
        facepipe("people", "--data", made, "compact")
        cls.compacted = (made / "gallery.fpg").read_bytes()

    def setUp(self):
        super().setUp()
        self.gallery = self.folder / "gallery.fpg"
        self.gallery.write_bytes(self.compacted)
        self.gallery.chmod(0o600)

    def people(self, *arguments, check=True):
        return facepipe("people", "--data", self.folder, *arguments, check=check)

    def answer(self, server, picture, request_id):
        status, _, body = server.request(path=f"?request_id={request_id}&filename=a.jpg", body=picture.read_bytes(),
                                         headers={"content-type": "image/jpeg"})
        self.assertEqual(status, 200, body)
        return server.take_answers(1)[0]["result"]

    def test_a_change_adds_what_has_changed_and_stays(self):
        self.assertTrue(self.compacted.startswith(MAGIC))
        before = enrolled(self.folder)
        self.people("add", "Louise", photographs("val", "madonna")[0])
        self.people("rename", "elton_john", "Reginald")
        self.people("reject", "Reginald", photographs("val", "madonna")[1])
        self.assertLess(self.gallery.stat().st_size, len(self.compacted) + 4_000)
        self.assertTrue(self.gallery.read_bytes().startswith(MAGIC))
        after = enrolled(self.folder)
        self.assertEqual(after, {**{name: count for name, count in before.items() if name != "elton_john"},
                                 "Reginald": before["elton_john"], "Louise": 1})
        self.people("compact")
        self.assertEqual(enrolled(self.folder), after)
        facepipe("doctor", "--data", self.folder)

    def test_a_running_server_sees_an_edit_at_its_next_frame(self):
        picture = photographs("val", "madonna")[0]
        with Server(self.folder) as server:
            self.assertEqual(self.answer(server, picture, "before"), "madonna")
            self.people("rename", "madonna", "Louise")
            self.assertEqual(self.answer(server, picture, "renamed"), "Louise")
            self.people("remove", "Louise")
            self.assertEqual(self.answer(server, picture, "removed"), "unknown")
            self.people("add", "Again", *photographs("train", "madonna")[:3], "--largest")
            self.assertEqual(self.answer(server, picture, "added"), "Again")
            self.people("compact")
            self.assertEqual(self.answer(server, picture, "compacted"), "Again")

    def test_nothing_of_a_removed_person_is_in_any_file(self):
        in_tables = struct.pack("<4f", *embedding_of(photographs("train", "madonna")[0])[:4])
        picture = photographs("val", "elton_john")[0]
        self.people("add", "Remove Me", picture)
        appended = struct.pack("<4f", *embedding_of(picture)[:4])

        def traces():
            return [needle for needle in (b"madonna", b"Remove Me", in_tables, appended)
                    for path in self.folder.rglob("*") if path.is_file() and needle in path.read_bytes()]

        self.assertEqual(len(set(traces())), 4)
        size = self.gallery.stat().st_size
        self.people("remove", "madonna")
        self.people("remove", "Remove Me")
        self.assertEqual(traces(), [])
        self.assertLess(self.gallery.stat().st_size, size + 500)
        facepipe("doctor", "--data", self.folder)

    def test_erase_finds_a_name_and_proves_that_it_is_gone(self):
        copy = self.folder / "back-up.fpg"
        copy.write_bytes(self.compacted)
        done = facepipe("erase", "--data", self.folder, "madonna", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"found: {copy}, 1 places", done.stdout)
        copy.unlink()
        done = facepipe("erase", "--data", self.folder, "madonna", check=False)
        self.assertIn("the name is in none of them", done.stdout)

    def test_damage_is_found_by_doctor(self):
        at = self.gallery.read_bytes().find(struct.pack("<4f", *embedding_of(photographs("train", "madonna")[0])[:4]))
        self.assertGreater(at, 0)
        with open(self.gallery, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))
        done = facepipe("doctor", "--data", self.folder, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not as it was written", done.stdout + done.stderr)

    def run_and_kill(self, after_s, *arguments):
        """True: it ended by itself, with success. What was begun is completed by the next command that changes people, as this
        one, which changes nobody."""
        process = subprocess.Popen([PROGRAM, "people", "--data", str(self.folder), *map(str, arguments)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        try:
            return process.wait(after_s) == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return False
        finally:
            self.people("rename", "nobody of them", "nobody at all", check=False)

    def test_a_kill_loses_nothing_accepted_and_brings_nobody_back(self):
        rng = random.Random(5)
        here, gone = "elton_john", set()
        for round_number in range(60):
            after_s = rng.uniform(0, 0.06)
            expected = enrolled(self.folder)
            kind = round_number % 4
            if kind == 0:
                name = f"name {round_number:02}"
                accepted = self.run_and_kill(after_s, "rename", here, name)
                found = enrolled(self.folder)
                self.assertEqual((here in found) + (name in found), 1)
                self.assertTrue(not accepted or name in found)
                here = name if name in found else here
            elif kind == 1:
                victim = next((name for name in expected if name != here), None)
                if victim and len(expected) > 2:
                    accepted = self.run_and_kill(after_s, "remove", victim)
                    found = enrolled(self.folder)
                    self.assertTrue(not accepted or victim not in found)
                    if victim not in found:
                        gone.add(victim)
            elif kind == 2:
                self.run_and_kill(after_s, "compact")
                self.assertEqual(enrolled(self.folder), expected)
            else:
                name = f"new {round_number:02}"
                accepted = self.run_and_kill(rng.uniform(0.1, 0.6), "add", name, photographs("val", "madonna")[0])
                found = enrolled(self.folder)
                self.assertTrue(not accepted or found.get(name) == 1)
            self.assertFalse(gone & set(enrolled(self.folder)))
        self.people("rename", here, "Last")
        content = self.gallery.read_bytes()
        for name in gone:
            self.assertFalse(name.encode() in content, name)
        facepipe("doctor", "--data", self.folder)


if __name__ == "__main__":
    unittest.main()
