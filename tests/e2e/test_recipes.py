"""facepipe model build --recipe: packs of networks that come as files."""
import json
import pathlib
import unittest

from harness import ROOT, TemporaryFolderTest, facepipe

MODELS = ROOT / ".cache" / "models"
RECIPES = ROOT / "apps" / "facepipe" / "recipes"
MOBILEFACENET = MODELS / "MobileFaceNet.tflite"


class Recipes(TemporaryFolderTest):
    def build(self, recipe, *arguments, embedder=MOBILEFACENET, check=True):
        return facepipe("model", "build", "--out", self.folder / "pack", "--mtcnn", MODELS, "--embedder", embedder, "--portable",
                        "--recipe", recipe, *arguments, check=check)

    def manifest(self):
        return json.loads(facepipe("model", "info", "--verify", self.folder / "pack").stdout)

    def changed(self, old, new):
        """The recipe of MobileFaceNet with one text in place of another."""
        text = (RECIPES / "mobilefacenet-192.toml").read_text()
        self.assertIn(old, text)
        path = pathlib.Path(self.folder) / "own.toml"
        path.write_text(text.replace(old, new))
        return path

    def refusal(self, recipe, *arguments, **options):
        done = self.build(recipe, *arguments, check=False, **options)
        self.assertNotEqual(done.returncode, 0)
        self.assertFalse((self.folder / "pack").exists())
        return done.stderr

    def test_an_installed_recipe_makes_a_pack_that_says_where_it_is_from(self):
        self.build("mobilefacenet-192")
        manifest = self.manifest()
        self.assertEqual(manifest["name"], "mobilefacenet-192")
        self.assertEqual(manifest["model_id"].split(":")[0], "tflite")
        self.assertEqual(manifest["embedding_size"], 192)
        self.assertEqual(manifest["preprocessing"]["input_px"], 112)
        self.assertEqual(manifest["preprocessing"]["alignment"], "landmarks")
        self.assertEqual(manifest["preprocessing"]["points"][0], [38.2946, 51.6963])
        self.assertIn("Apache-2.0", manifest["licence"])
        self.assertIn("MS-Celeb-1M", manifest["training_data"])

    def test_the_command_line_goes_before_the_recipe(self):
        self.build(self.changed("embedding_size = 192", "embedding_size = 192"), "--name", "mine",
                   "--licence", "mine too", "--threshold", "0.75")
        manifest = self.manifest()
        self.assertEqual((manifest["name"], manifest["licence"], manifest["distance_threshold"]), ("mine", "mine too", 0.75))
        self.assertNotIn("threshold_far", manifest)

    def test_an_aligned_facenet_has_the_same_identity(self):
        self.build("facenet-msceleb-128-aligned", embedder=MODELS / "facenet_keras.h5")
        manifest = self.manifest()
        self.assertEqual(manifest["model_id"], "inception-resnet-v1:08b17a8162e442d3574b48202cd4179f4ed1f05e39f6a4c88769bc90d1086791")
        self.assertEqual(manifest["preprocessing"]["normalisation"], "whiten")

    def test_what_is_wrong_is_named(self):
        self.assertIn("none of the installed ones (facenet-classic, ", self.refusal("nowhere"))
        self.assertIn("field 'colour' must be absent", self.refusal(self.changed(
            'name = "mobilefacenet-192"', 'name = "m"\ncolour = 1')))
        self.assertIn("line 1: not TOML", self.refusal(self.changed("# MobileFaceNet, 192", "= MobileFaceNet, 192")))
        self.assertIn("the preprocessing makes pictures of 160x160", self.refusal(self.changed("input_px = 112", "input_px = 160")))
        self.assertIn("the recipe is for a network of kind inception-resnet-v1, this is tflite", self.refusal("facenet-msceleb-128"))
        damaged = pathlib.Path(self.folder) / "damaged.tflite"
        damaged.write_bytes(MOBILEFACENET.read_bytes()[:-1])
        self.assertIn("the recipe is for the file of SHA-256 d8ba40c0", self.refusal("mobilefacenet-192", embedder=damaged))


if __name__ == "__main__":
    unittest.main()
