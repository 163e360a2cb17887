"""Faces that the picture's edge cuts deep: named by the pack's second network, against the gallery's companion."""
import json
import shutil
import unittest

from cut_picture import PERSON, cut_photograph, upper_rows
from harness import FACENET_PACK, PACK, Server, TemporaryFolderTest, facepipe, photographs, wait_until

CUT = cut_photograph(photographs("train", PERSON))


class CutFaces(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.companion = self.data / "gallery.fpg.cut"
        self.cut = self.folder / "cut.jpg"
        self.cut.write_bytes(upper_rows(CUT.read_bytes()))

    def people(self, *arguments, check=True):
        return facepipe("people", "--data", self.data, *arguments, check=check)

    def enrol(self, *arguments):
        whole = [file for file in photographs("train", PERSON) if file != CUT][:5]
        self.people("add", "--largest", *arguments, "Jerry", *whole)
        self.people("add", "--largest", *arguments, "Elton", *photographs("train", "elton_john")[:4])

    def face(self, *arguments, file=None):
        done = facepipe("recognize", "--data", self.data, *arguments, file or self.cut)
        return json.loads(done.stdout)["faces"][0] | {"stderr": done.stderr}

    def checks(self):
        done = facepipe("doctor", "--data", self.data, "--json", check=False)
        return {line["check"]: line for line in map(json.loads, done.stdout.splitlines())}

    def test_a_cut_face_is_named_by_the_second_network(self):
        self.enrol()
        cut = self.face()
        self.assertIn("cut by the edge", cut["reasons"])
        self.assertEqual((cut["name"], cut["second"], cut["stderr"]), ("Jerry", "Elton", ""))
        whole = self.face(file=photographs("val", PERSON)[0])
        self.assertEqual(whole["name"], "Jerry")
        less = self.face(file=CUT)
        self.assertIn("cut by the edge", less["reasons"])
        self.companion.unlink()  # as a gallery of before
        before = self.face()
        self.assertNotEqual(cut["threshold"], before["threshold"])
        self.assertNotEqual(cut["distance"], before["distance"])
        self.assertEqual(self.face(file=photographs("val", PERSON)[0]), whole)  # whole faces never go that way
        self.assertEqual(self.face(file=CUT), less)  # nor do those that lack little

    def test_every_edit_reaches_the_companion(self):
        self.enrol()
        self.people("rename", "Jerry", "Jerome")
        self.assertEqual(self.face()["name"], "Jerome")
        self.people("reject", "Jerome", self.cut)
        self.assertNotEqual(self.face()["name"], "Jerome")
        self.people("reject", "Jerome", "--forget")
        self.assertEqual(self.face()["name"], "Jerome")
        self.assertEqual(self.checks()["cut-faces"]["verdict"], "ok")
        erased = facepipe("erase", "--data", self.data, "Jerome")
        self.assertIn("the name is in none of them", erased.stdout)
        self.assertNotIn(b"Jerome", self.companion.read_bytes())
        self.assertEqual(self.face()["name"], "unknown")

    def test_a_companion_that_is_behind_names_nobody_and_is_reported(self):
        self.enrol()
        old = self.folder / "old.cut"
        shutil.copy(self.companion, old)
        self.people("add", "--largest", "Jerry", *photographs("val", PERSON)[:1])
        shutil.copy(old, self.companion)  # what is left where a program is killed between the two files
        behind = self.face()
        self.assertIn("not the same people and pictures", behind["stderr"])
        self.assertIn('1 people ("Jerry")', self.checks()["cut-faces"]["text"])
        check = self.people("check", check=False)
        self.assertEqual(check.returncode, 1)
        self.assertIn("cut faces are told less well", check.stderr)
        self.people("remove", "Jerry")
        self.people("add", "--largest", "Jerry", *[file for file in photographs("train", PERSON) if file != CUT][:5])
        self.assertEqual(self.checks()["cut-faces"]["verdict"], "ok")
        self.assertEqual((self.face()["name"], self.face()["stderr"]), ("Jerry", ""))

    def test_a_removed_person_is_not_named_by_an_old_companion(self):
        self.enrol()
        shutil.copy(self.companion, self.folder / "old.cut")
        self.people("remove", "Jerry")
        shutil.copy(self.folder / "old.cut", self.companion)
        self.assertEqual(self.face()["name"], "unknown")
        self.assertIn(b"Jerry", self.companion.read_bytes())
        self.assertIn("no such person", facepipe("erase", "--data", self.data, "Jerry").stdout)
        self.assertNotIn(b"Jerry", self.companion.read_bytes())

    def test_an_older_gallery_gets_one_of_its_kept_pictures(self):
        self.enrol()
        self.companion.unlink()
        self.people("rebuild")
        self.assertEqual((self.face()["name"], self.face()["stderr"]), ("Jerry", ""))
        self.assertEqual(self.checks()["cut-faces"]["verdict"], "ok")

    def test_a_removed_persons_embeddings_are_in_neither_file(self):
        self.enrol()
        header = self.companion.read_bytes()
        size = 4 * json.loads(header[80:80 + int.from_bytes(header[76:80], "little")])["embedding_size"]
        rows = [header[len(header) - 9 * size + i * size:][:size] for i in range(9)]  # five of Jerry, four of Elton
        self.people("remove", "Jerry")
        left = self.companion.read_bytes()
        self.assertEqual([row in left for row in rows], 5 * [False] + 4 * [True])

    def test_mapped_they_follow_each_other(self):
        self.enrol()
        self.people("compact")
        self.assertEqual(self.companion.read_bytes()[8], 3)
        self.people("add", "--largest", "Jerry", *photographs("val", PERSON)[:1])
        self.people("remove", "Elton")
        self.assertNotIn(b"Elton", self.companion.read_bytes())
        self.assertEqual((self.face()["name"], self.face()["stderr"]), ("Jerry", ""))
        self.assertEqual(self.checks()["cut-faces"]["verdict"], "ok")

    def test_it_lies_encrypted_with_the_gallery(self):
        key = self.folder / "key"
        facepipe("key", "new", key)
        self.enrol()
        self.people("encrypt", "--key-file", key)
        self.assertNotIn(b"Jerry", self.companion.read_bytes())
        self.assertEqual(self.face("--key-file", key)["name"], "Jerry")
        self.people("decrypt", "--key-file", key)
        self.assertIn(b"Jerry", self.companion.read_bytes())
        self.assertEqual(self.face()["name"], "Jerry")

    def test_a_pack_without_the_network_keeps_no_companion(self):
        self.enrol("--pack", FACENET_PACK)
        self.assertFalse(self.companion.exists())
        self.assertNotIn("cut-faces", self.checks())

    def test_the_server_follows_both_files(self):
        self.enrol()
        with Server(self.data, "--faces", "largest") as server:
            def answer():
                status, _, text = server.request(path="?request_id=r&filename=f", body=self.cut.read_bytes(),
                                                 headers={"content-type": "image/jpeg"})
                self.assertEqual(status, 200, text)
                return server.take_answers(1)[0]

            first = answer()
            self.assertEqual((first["result"], first["threshold"]), ("Jerry", self.face()["threshold"]))
            self.people("remove", "Elton")
            wait_until(lambda: "\"people\":1" in server.log_path.read_text(), "the changed gallery is loaded")
        self.assertNotIn("cut_faces_by_the_first_network", server.log_path.read_text())


if __name__ == "__main__":
    unittest.main()
