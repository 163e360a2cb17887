"""facepipe people: enrolment, import and export, and that a removed person leaves no trace."""
import json
import struct
import unittest

from harness import FACENET_PACK, PHOTOS, TemporaryFolderTest, clean_environment, enrolled, facepipe, photographs


class People(TemporaryFolderTest):
    def people(self, *arguments, check=True, env=None):
        return facepipe("people", "--data", self.folder, *arguments, check=check, env=env)

    def test_import_takes_a_folder_a_person(self):
        done = self.people("import", "--largest", PHOTOS / "train")
        self.assertIn("90 pictures added, 3 refused", done.stdout)
        self.assertEqual(done.stderr.count("a face that cannot be told: "), 3)
        self.assertIn("weak embedding", done.stderr)  # an arm that the detector takes for a face
        self.assertEqual(enrolled(self.folder), {"ben_afflek": 14, "elton_john": 16, "jerry_seinfeld": 21, "madonna": 18,
                                         "mindy_kaling": 21})

    def test_import_takes_faces_that_cannot_be_told_if_it_must(self):
        done = self.people("import", "--largest", "--force", PHOTOS / "train")
        self.assertIn("93 pictures added, 0 refused", done.stdout)
        self.assertEqual(enrolled(self.folder), {"ben_afflek": 14, "elton_john": 17, "jerry_seinfeld": 21, "madonna": 19,
                                         "mindy_kaling": 22})

    def test_a_picture_that_was_named_and_cannot_be_told_is_a_failure(self):
        turned = [file for file in photographs("train", "elton_john") if "deltonjohn" in file.name]
        done = self.people("add", "Elton", *turned, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("a face that cannot be told: turned away (--force enrols it)", done.stderr)
        self.people("add", "--force", "Elton", *turned)

    def test_add_rename_remove(self):
        files = photographs("val", "madonna")
        self.people("add", "Madonna", *files[:2])
        self.people("add", "Madonna", files[2])
        self.people("add", "Elton", photographs("val", "elton_john")[0])
        self.assertEqual(enrolled(self.folder), {"Madonna": 3, "Elton": 1})
        self.people("rename", "Madonna", "Louise Ciccone")
        self.assertEqual(enrolled(self.folder), {"Louise Ciccone": 3, "Elton": 1})
        taken = self.people("rename", "Elton", "Louise Ciccone", check=False)
        self.assertEqual(taken.returncode, 1)
        self.people("remove", "Louise Ciccone")
        self.assertEqual(enrolled(self.folder), {"Elton": 1})
        missing = self.people("remove", "Louise Ciccone", check=False)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("Louise Ciccone", missing.stderr)

    def test_a_removed_person_leaves_no_trace_in_any_file(self):
        self.people("add", "Keep", photographs("val", "elton_john")[0])
        self.people("add", "Remove Me", photographs("val", "madonna")[0])
        line = json.loads(facepipe("embed", photographs("val", "madonna")[0]).stdout)
        embedding = struct.pack("<192f", *line["faces"][0]["embedding"])
        needle = embedding[:32]

        def traces():
            return [path for path in self.folder.rglob("*") if path.is_file()
                    and (b"Remove Me" in path.read_bytes() or needle in path.read_bytes())]

        self.assertEqual({path.name for path in traces() if path.name.startswith("gallery")},
                         {"gallery.fpg", "gallery.fpg.cut"})  # and the companion for cut faces
        self.people("remove", "Remove Me")
        self.assertEqual(traces(), [])

    def test_with_a_key_the_gallery_shows_nobody_and_opens_with_that_key_only(self):
        key, other = self.folder / "key", self.folder / "other"
        for file in (key, other):
            facepipe("key", "new", file)
        self.people("add", "Louise", photographs("val", "madonna")[0])
        plain = (self.folder / "gallery.fpg").read_bytes()
        self.people("--key-file", key, "encrypt")
        sealed = (self.folder / "gallery.fpg").read_bytes()
        self.assertIn(b"Louise", plain)
        self.assertNotIn(b"Louise", sealed)
        self.people("--key-file", key, "add", "Elton", photographs("val", "elton_john")[0])
        self.assertNotIn(b"Elton", (self.folder / "gallery.fpg").read_bytes())
        found = facepipe("recognize", "--data", self.folder, "--key-file", key, photographs("val", "madonna")[0])
        self.assertEqual(json.loads(found.stdout)["faces"][0]["name"], "Louise")
        for arguments, expected in (([], "no key was given"), (["--key-file", other], "another key")):
            refused = self.people(*arguments, "list", check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(expected, refused.stderr)
        self.people("--key-file", key, "decrypt")
        self.assertEqual(enrolled(self.folder), {"Louise": 1, "Elton": 1})

    def test_pictures_without_one_face_are_named_and_the_rest_goes_on(self):
        bad = self.folder / "bad.png"
        bad.write_bytes(b"no picture")
        done = self.people("add", "Madonna", bad, photographs("val", "madonna")[0], check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.png", done.stderr)
        self.assertEqual(enrolled(self.folder), {"Madonna": 1})

    def test_modes_are_recorded_and_a_mismatch_is_refused_with_both_named(self):
        photo = photographs("val", "madonna")[0]
        env = clean_environment()  # the pack is chosen by the mode, then by the gallery
        self.people("add", "--mode", "classic", "Madonna", photo, env=env)
        self.people("add", "Madonna", photographs("val", "madonna")[1], env=env)  # the gallery's own mode is used
        refused = self.people("add", "--mode", "standard", "Madonna", photo, check=False, env=env)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("classic", refused.stderr)
        self.assertIn("standard", refused.stderr)

    def test_a_named_pack_is_taken_as_it_is(self):
        photo = photographs("val", "madonna")[0]
        alone = self.people("add", "--mode", "classic", "Madonna", photo, check=False)
        self.assertIn("the pack mobilefacenet-192 has its own alone", alone.stderr)
        self.people("add", "--pack", FACENET_PACK, "Madonna", photo)
        other = facepipe("recognize", "--data", self.folder, photo, check=False)
        self.assertEqual(other.returncode, 1)
        self.assertIn("embeddings cannot be compared: gallery: 128 values an embedding; model: 192", other.stderr)
        chosen = facepipe("recognize", "--data", self.folder, photo, env=clean_environment())
        self.assertEqual(json.loads(chosen.stdout)["faces"][0]["name"], "Madonna")

    def test_pt_export_and_import_keep_names_and_embeddings(self):
        env = clean_environment()
        self.people("add", "--mode", "classic", "Madonna", *photographs("val", "madonna")[:2], env=env)
        self.people("export", self.folder / "out.pt")
        other = self.folder / "other"
        other.mkdir()
        facepipe("people", "--data", other, "import-pt", self.folder / "out.pt")
        listed = facepipe("people", "--data", other, "list", "--json").stdout
        self.assertEqual(json.loads(listed)["embeddings"], 2)
        probe = photographs("val", "madonna")[0]
        line = json.loads(facepipe("recognize", "--data", other, probe, env=env).stdout)
        self.assertEqual(line["faces"][0]["name"], "Madonna")
        self.assertLess(line["faces"][0]["distance"], 1e-3)

    def test_bad_names_are_refused(self):
        photo = photographs("val", "madonna")[0]
        for name in ("", "a\nb", "x" * 257):
            done = self.people("add", name, photo, check=False)
            self.assertNotEqual(done.returncode, 0, repr(name))


if __name__ == "__main__":
    unittest.main()
