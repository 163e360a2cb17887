"""facepipe detect | embed | recognize."""
import json
import math
import os
import unittest

from harness import PACK, PHOTOS, ROOT, TemporaryFolderTest, clean_environment, facepipe, json_lines, photographs

GOLDEN = json.loads((ROOT / "tests" / "data" / "golden" / "golden.json").read_text())
GOLDEN_BY_FILE = {photo["file"]: photo for photo in GOLDEN["photos"]}


class Detect(TemporaryFolderTest):
    def test_lines_come_in_order_and_agree_with_the_reference(self):
        files = photographs("val")
        found = json_lines(facepipe("detect", "--threads", 2, "--ignore-exif", *files).stdout)
        self.assertEqual([line["file"] for line in found], [str(f) for f in files])
        for line, path in zip(found, files):
            expected = GOLDEN_BY_FILE[path.relative_to(PHOTOS).as_posix()]
            self.assertEqual((line["width"], line["height"]), (expected["width"], expected["height"]))
            self.assertEqual(len(line["faces"]), len(expected["faces"]), path)
            for face, reference in zip(line["faces"], expected["faces"]):
                self.assertLess(max(abs(a - b) for a, b in zip(face["box"], reference["box"])), 0.1)
                self.assertLess(abs(face["confidence"] - reference["prob"]), 1e-3)
                self.assertEqual(len(face["landmarks"]), 5)
                self.assertNotIn("name", face)
                self.assertNotIn("embedding", face)

    def test_folders_are_walked(self):
        found = json_lines(facepipe("detect", PHOTOS / "val").stdout)
        self.assertEqual(len(found), 25)
        self.assertEqual(sorted(line["file"] for line in found), [line["file"] for line in found])

    def test_a_bad_file_is_a_line_and_status_1(self):
        good = photographs("val")[0]
        bad = self.folder / "bad.jpg"
        bad.write_text("no picture")
        done = facepipe("detect", bad, good, self.folder / "missing.jpg", check=False)
        self.assertEqual(done.returncode, 1)
        first, second, third = json_lines(done.stdout)
        self.assertIn("expected", first["error"])
        self.assertEqual(len(second["faces"]), 1)
        self.assertIn("missing.jpg", third["error"])

    def test_annotated_pictures_have_the_same_size(self):
        good = photographs("val")[0]
        facepipe("detect", "--annotate", self.folder / "out", good)
        written = list((self.folder / "out").rglob("*.jpg"))
        self.assertEqual(len(written), 1)
        original, annotated = json_lines(facepipe("detect", good).stdout) + json_lines(facepipe("detect", written[0]).stdout)
        self.assertEqual((original["width"], original["height"]), (annotated["width"], annotated["height"]))
        self.assertNotEqual(good.read_bytes(), written[0].read_bytes())

    def test_usage_errors_have_status_2(self):
        self.assertEqual(facepipe("detect", check=False).returncode, 2)
        self.assertEqual(facepipe("detect", "--threads", 0, "x", check=False).returncode, 2)
        self.assertEqual(facepipe("no-such-command", check=False).returncode, 2)


class Embed(TemporaryFolderTest):
    def test_every_mode_agrees_with_the_reference(self):
        keys = {"classic": "embedding_seed240", "standard": "embedding_std160",
                "whitened": "embedding_margin32_whitened160"}
        files = photographs("val", "madonna")
        for mode, key in keys.items():
            for line in json_lines(facepipe("embed", "--mode", mode, "--ignore-exif", *files, env=clean_environment()).stdout):
                expected = GOLDEN_BY_FILE[line["file"][len(str(PHOTOS)) + 1:]][key]
                got = line["faces"][0]["embedding"]
                cosine = sum(a * b for a, b in zip(got, expected))
                cosine /= math.sqrt(sum(a * a for a in got) * sum(b * b for b in expected))
                self.assertGreater(cosine, 0.999, (mode, line["file"]))

    def test_unknown_mode_names_the_known_ones(self):
        done = facepipe("embed", "--mode", "odd", photographs("val")[0], check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("classic", done.stderr)

    def test_the_runtime_reports_to_nobody(self):
        # The library's reports begin as a file in the user's home; on build servers, known by their variables, it makes none.
        home = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ} | {"HOME": str(self.folder)}
        facepipe("embed", "--pack", PACK, photographs("val")[0], env=home)
        self.assertEqual(list(self.folder.iterdir()), [])


class Recognize(TemporaryFolderTest):
    def test_names_and_distances(self):
        facepipe("people", "--data", self.folder, "import", "--largest", PHOTOS / "train")
        found = json_lines(facepipe("recognize", "--data", self.folder, PHOTOS / "val").stdout)
        right = sum(line["faces"][0]["name"] == line["file"].split("/")[-2] for line in found)
        self.assertEqual(right, 25)
        self.assertTrue(all(0 < line["faces"][0]["distance"] < 2 for line in found))

    def test_without_a_gallery_says_which_file_is_missing(self):
        done = facepipe("recognize", "--data", self.folder, photographs("val")[0], check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("gallery.fpg", done.stderr)


if __name__ == "__main__":
    unittest.main()
