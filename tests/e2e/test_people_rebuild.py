"""A gallery made anew for another pack, from the pictures that its data folder keeps."""
import json
import unittest

from foreign import raw
from harness import FACENET_PACK, Server, TemporaryFolderTest, clean_environment, facepipe, photographs

VAL = ("ben_afflek", "madonna", "mindy_kaling")


class ServerWithItsPack(Server):
    """Takes the installed pack of the gallery, since none is named."""

    def environment(self):
        return clean_environment()


class PeopleRebuilt(TemporaryFolderTest):
    def people(self, *arguments, check=True):
        return facepipe("people", "--data", self.folder, *arguments, check=check, env=clean_environment())

    def enrol(self, *more):
        for name in VAL:
            self.people("add", "--largest", "--force", name, *photographs("train", name)[:4], *more)

    def named(self, pack):
        photos = [photo for name in VAL for photo in photographs("val", name)]
        lines = facepipe("recognize", "--gallery", self.folder / "gallery.fpg", *pack, *photos, check=False,
                         env=clean_environment()).stdout
        return [json.loads(line)["faces"][0]["name"] for line in lines.splitlines() if json.loads(line).get("faces")]

    def test_the_same_people_by_another_network(self):
        self.enrol()
        before = self.named([])
        self.assertGreater(sum(name in VAL for name in before), 8)
        tried = self.people("rebuild", "--pack", FACENET_PACK, "--dry-run")
        self.assertIn("nothing was changed; it would be 3 people", tried.stdout)
        self.assertEqual(self.named([]), before)
        done = self.people("rebuild", "--pack", FACENET_PACK)
        self.assertIn("3 people", done.stdout)
        self.assertIn("embeddings of 128", self.people("list").stdout)
        self.assertFalse((self.folder / "gallery.fpg.cut").exists())  # that pack has no second network
        after = self.named([])  # the pack of its own network is taken
        agree = sum(one == other for one, other in zip(before, after))
        self.assertGreaterEqual(agree, 0.8 * len(before), (before, after))
        with ServerWithItsPack(self.folder) as server:
            person = json.loads(raw(server, "GET", "/api/people?name=madonna")[2])["items"][0]
            pictures = json.loads(raw(server, "GET", f"/api/people/{person['id']}/pictures")[2])["items"]
            self.assertTrue(all(picture["kept"] for picture in pictures))
            self.assertEqual(json.loads(raw(server, "GET", "/api/changes")[2])["items"][0]["action"], "people.rebuild")
            running = self.people("rebuild", check=False)
            self.assertEqual(running.returncode, 1)
            self.assertIn("a server has", running.stderr)
        self.people("rebuild")  # and back, to the default pack
        self.assertEqual(self.named([]), before)
        self.assertIn("gallery.fpg.cut has every picture", self.people("list").stdout)

    def test_what_has_no_picture_is_said(self):
        self.enrol()
        self.people("add", "--keep", "none", "--largest", "Old", photographs("train", "elton_john")[0])
        before = (self.folder / "gallery.fpg").read_bytes()
        refused = self.people("rebuild", "--pack", FACENET_PACK, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("Old: known no more", refused.stderr)
        self.assertIn("--force", refused.stderr)
        self.assertEqual((self.folder / "gallery.fpg").read_bytes(), before)
        self.people("rebuild", "--pack", FACENET_PACK, "--force")
        self.assertNotIn("Old", self.people("list").stdout)

    def test_where_nothing_is_kept_it_cannot_be(self):
        self.enrol("--keep", "none")
        refused = self.people("rebuild", "--pack", FACENET_PACK, check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("no picture is kept", refused.stderr)


if __name__ == "__main__":
    unittest.main()
