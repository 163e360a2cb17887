"""facepipe model build --int8."""
import json
import pathlib
import unittest

from harness import FACENET_PACK, PHOTOS, ROOT, TemporaryFolderTest, facepipe, photographs
from png_file import flat_png

MODELS = ROOT / ".cache" / "models"


class BuildInt8(TemporaryFolderTest):
    def build(self, *arguments, check=True):
        return facepipe("model", "build", "--out", self.folder / "pack", "--name", "test", "--licence", "MIT", "--mtcnn", MODELS,
                        "--embedder", MODELS / "facenet_keras.h5", *arguments, check=check)

    def refused(self, *arguments):
        done = self.build(*arguments, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse((self.folder / "pack").exists())
        return done.stderr

    def test_photographs_make_a_pack_that_embeds_nearly_as_the_fp32_one(self):
        self.build("--int8", "--calibrate", *photographs("train")[::5])
        manifest = json.loads(facepipe("model", "info", "--verify", self.folder / "pack").stdout)
        self.assertEqual(manifest["precision"], "int8")
        self.assertGreater(manifest["fp32_cosine"], 0.995)
        self.assertLess(sum(path.stat().st_size for path in (self.folder / "pack").iterdir()), 55e6)
        photo = photographs("val")[0]
        fp32, int8 = (json.loads(facepipe("embed", "--pack", pack, photo).stdout)["faces"][0]["embedding"]
                         for pack in (FACENET_PACK, self.folder / "pack"))
        self.assertGreater(sum(a * b for a, b in zip(fp32, int8)), 0.99)

    def test_a_gallery_of_the_fp32_pack_is_used_as_it_is(self):
        self.build("--int8", "--portable", "--calibrate", *photographs("train")[::5])
        facepipe("people", "--data", self.folder, "import", "--largest", "--pack", FACENET_PACK, PHOTOS / "train")
        done = facepipe("recognize", "--data", self.folder, "--pack", self.folder / "pack", *photographs("val", "madonna"))
        for line in map(json.loads, done.stdout.splitlines()):
            self.assertEqual(line["faces"][0]["name"], "madonna", pathlib.Path(line["file"]).name)

    def test_photographs_are_needed(self):
        self.assertIn("--calibrate", self.refused("--int8"))
        self.assertIn("--int8", self.refused("--calibrate", PHOTOS / "train"))

    def test_a_few_faces_are_not_enough(self):
        self.assertIn("calibration: expected 8 to 2048 faces, got 3",
                      self.refused("--int8", "--calibrate", *photographs("train")[:3]))

    def test_photographs_without_faces_are_said_to_have_none(self):
        (self.folder / "grey.png").write_bytes(flat_png(64, 64, (128, 128, 128)))
        self.assertIn("calibration: expected photographs with faces, found none in 1",
                      self.refused("--int8", "--calibrate", self.folder / "grey.png"))

    def test_what_is_no_picture_is_named(self):
        (self.folder / "bad.jpg").write_text("no picture")
        self.assertIn("bad.jpg", self.refused("--int8", "--calibrate", self.folder / "bad.jpg"))


if __name__ == "__main__":
    unittest.main()
