"""A pack with a decision: thresholds by the number of people, rejected pictures, quality, people check."""
import json
import shutil
import unittest

from harness import PACK, TemporaryFolderTest, facepipe, photographs

# Made up for the test: 1.15 is where one person's threshold of 1 % lies.
DECISION = {"false_accepts": [[0.5, 1e-6], [1.1, 1e-3], [1.15, 0.01], [1.3, 0.2]], "centroid": 0.5, "pictures": 0.5, "strangers": 0.01,
            "cut": 0, "bias": 0, "slope": 30}


class Decision(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.pack = self.pack_with("pack", {"decision": DECISION})

    def pack_with(self, name, fields):
        """The default pack with other fields than its decision."""
        pack = self.folder / name
        shutil.copytree(PACK, pack)
        manifest = json.loads((pack / "manifest.json").read_text())
        del manifest["manifest_sha256"], manifest["decision"]
        (pack / "manifest.json").write_text(json.dumps(manifest | fields))
        return pack

    def people(self, *arguments, check=True):
        return facepipe("people", "--data", self.folder / "data", *arguments, check=check)

    def add(self, name, *files, check=True):
        return self.people("add", "--pack", self.pack, name, *files, check=check)

    def faces(self, file, *arguments):
        done = facepipe("recognize", "--data", self.folder / "data", "--pack", self.pack, *arguments, file)
        return json.loads(done.stdout)["faces"]

    def listed_threshold(self, *arguments):
        return self.people("list", "--pack", self.pack, *arguments).stdout.splitlines()[-1]

    def test_the_threshold_follows_the_number_of_people(self):
        madonna, elton = photographs("val", "madonna"), photographs("val", "elton_john")
        self.add("Madonna", madonna[2])
        self.assertEqual(self.listed_threshold(), "threshold 1.15: 1 % of strangers named")
        self.add("Elton", elton[0])
        two = self.faces(madonna[0])[0]
        self.assertEqual(two["name"], "Madonna")
        self.assertLess(two["threshold"], 1.15)
        self.assertGreater(two["probability"], two["second_probability"])
        self.assertEqual(two["second"], "Elton")
        self.assertEqual(two["reasons"], [])
        stricter = self.faces(madonna[0], "--strangers", "0.00001")[0]
        self.assertLess(stricter["threshold"], two["threshold"])
        self.add("Elton", elton[2], "--strangers", "0.2")
        self.assertIn("20 % of strangers named", self.listed_threshold())
        for bad in ("0", "1", "nan", "x"):
            refused = facepipe("recognize", "--data", self.folder / "data", "--pack", self.pack, "--strangers", bad,
                               madonna[0], check=False)
            self.assertEqual(refused.returncode, 2, refused.stderr)

    def test_a_gallery_of_before_keeps_its_threshold(self):
        undecided = self.pack_with("undecided", {})
        self.people("add", "--pack", undecided, "Madonna", photographs("val", "madonna")[0])
        before = (self.folder / "data" / "gallery.fpg").read_bytes()
        self.assertNotIn(b"strangers", before)
        face = self.faces(photographs("val", "madonna")[1])[0]
        self.assertEqual(set(face), {"box", "confidence", "landmarks", "name", "distance"})
        refused = facepipe("recognize", "--data", self.folder / "data", "--pack", undecided, "--strangers", "0.01",
                           photographs("val", "madonna")[1], check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("needs a pack that was measured for it", refused.stderr)

    def test_a_rejected_picture_is_not_that_person_and_can_be_forgotten(self):
        madonna = photographs("val", "madonna")
        self.add("Somebody else", madonna[2])
        self.assertEqual(self.faces(madonna[0])[0]["name"], "Somebody else")
        self.people("reject", "--pack", self.pack, "Somebody else", madonna[0])
        self.assertEqual(self.faces(madonna[0])[0]["name"], "unknown")
        self.assertEqual(self.faces(madonna[2])[0]["name"], "Somebody else")
        self.people("reject", "Somebody else", "--forget")
        self.assertEqual(self.faces(madonna[0])[0]["name"], "Somebody else")
        nobody = self.people("reject", "--pack", self.pack, "Nobody", madonna[0], check=False)
        self.assertEqual(nobody.returncode, 1)
        self.assertIn("Nobody", nobody.stderr)

    def test_check_finds_what_is_somebody_elses_and_what_is_there_twice(self):
        madonna, elton = photographs("train", "madonna"), photographs("train", "elton_john")
        self.people("add", "--pack", self.pack, "--largest", "Madonna", *madonna[:4])
        self.people("add", "--pack", self.pack, "--largest", "Elton", *elton[:4])
        clean = self.people("check", "--pack", self.pack, check=False)
        self.assertEqual(clean.returncode, 0, clean.stdout)
        self.people("add", "--pack", self.pack, "--largest", "Madonna", elton[4], madonna[0])
        found = self.people("check", "--pack", self.pack, "--json", check=False)
        self.assertEqual(found.returncode, 1)
        lines = [json.loads(line) for line in found.stdout.splitlines()]
        doubts = {(line["name"], line["picture"], line["doubt"], line.get("other")) for line in lines}
        self.assertLessEqual({("Madonna", 5, "resembles", "Elton"), ("Madonna", 6, "double", None)}, doubts)
        # A picture under a wrong name also draws doubt on those of its owner that are most like it.
        self.assertLess(len(lines), 5)


if __name__ == "__main__":
    unittest.main()
