"""Parity checks on the reference's large files. See README.md in this folder."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from harness import PHOTOS, ROOT, TemporaryFolderTest, clean_environment, environment, facepipe, json_lines, photographs

SHARED = pathlib.Path(os.environ["FACEPIPE_TEST_SHARED"])
GOLDEN = json.loads((SHARED / "golden" / "golden.json").read_text())["photos"]


def build_pack(folder, embedder):
    facepipe("model", "build", "--out", folder, "--name", "parity", "--licence", "MIT", "--mtcnn",
             ROOT / ".cache" / "models", "--embedder", embedder, "--mode", "whitened")
    return json.loads(facepipe("model", "info", "--verify", folder).stdout)


class Models(TemporaryFolderTest):
    def test_torchscript_and_keras_make_the_same_pack(self):
        script = build_pack(self.folder / "script", SHARED / "models" / "resnetV1.pt")
        keras = build_pack(self.folder / "keras", ROOT / ".cache" / "models" / "facenet_keras.h5")
        self.assertEqual(script["model_id"], keras["model_id"])
        self.assertEqual(script["embedding_size"], 128)
        photo = photographs("val")[0]
        from_script, from_keras = (json_lines(facepipe("embed", "--pack", self.folder / name, photo).stdout)[0]["faces"]
                                   for name in ("script", "keras"))
        self.assertEqual(from_script, from_keras)

    def test_the_course_gallery_imports(self):
        facepipe("people", "--data", self.folder, "import-pt", SHARED / "models" / "course_resnetV1_video_weights.pt")
        people = [json.loads(line) for line in facepipe("people", "--data", self.folder, "list", "--json").stdout.splitlines()]
        self.assertEqual(len(people), 8)
        self.assertEqual(sum(person["embeddings"] for person in people), 79)
        self.assertIn("512", facepipe("people", "--data", self.folder, "list").stdout)

    def test_classic_mode_with_the_reference_gallery_gives_the_original_answers(self):
        """Every name equal to facenet-pytorch's: the nearest training photograph by the classic embeddings."""
        facepipe("people", "--data", self.folder, "import-pt", SHARED / "models" / "resnetV1_video_weights.pt")
        found = {line["file"]: line for line in
                 json_lines(facepipe("recognize", "--ignore-exif", "--data", self.folder, PHOTOS / "val", env=clean_environment()).stdout)}
        train = [p for p in GOLDEN if p["file"].startswith("train/") and "embedding_seed240" in p]
        right = 0
        for photo in GOLDEN:
            if not photo["file"].startswith("val/"):
                continue
            probe = photo["embedding_seed240"]
            nearest = min(train, key=lambda t: sum((a - b) ** 2 for a, b in zip(t["embedding_seed240"], probe)))
            name = found[str(PHOTOS / photo["file"])]["faces"][0]["name"]
            self.assertEqual(name, nearest["person"], photo["file"])
            right += name == photo["person"]
        self.assertEqual(right, 20)


class OddPictures(TemporaryFolderTest):
    def test_every_odd_picture_is_decoded_or_answered_with_an_error_under_the_sanitizers(self):
        files = sorted(path for path in (SHARED / "data" / "odd").rglob("*") if path.is_file())
        self.assertGreater(len(files), 150)
        done = subprocess.run([os.environ["FACEPIPE_TEST_ASAN_PROGRAM"], "detect", "--threads", "2", *map(str, files)],
                              capture_output=True, text=True, timeout=1200, env=environment())
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotIn("runtime error", done.stderr)
        self.assertIn(done.returncode, (0, 1), done.stderr[-2000:])
        results = json_lines(done.stdout)
        self.assertEqual(len(results), len(files))
        decoded = [line for line in results if "faces" in line]
        refused = [line for line in results if "error" in line]
        self.assertEqual(len(decoded) + len(refused), len(files))
        self.assertTrue(all(line["error"] for line in refused))
        names = {pathlib.Path(line["file"]).name for line in decoded}
        self.assertLessEqual({"hopper.jpg", "hopper.png", "hopper.webp", "pil_sample_cmyk.jpg", "testimgari.jpg"}, names)
        corrupt = {pathlib.Path(line["file"]).name for line in refused}
        self.assertLessEqual({"xs1n0g01.png", "xcrn0g04.png", "hopper.gif", "hopper.bmp", "png_decompression_dos.png"}, corrupt)
        print(f"odd pictures: {len(decoded)} decoded, {len(refused)} refused with an error")


if __name__ == "__main__":
    unittest.main()
