"""The people commands beside what is kept of people: a running server's API, or the folder itself."""
import json
import struct
import unittest

from foreign import form, grey_picture, raw
from harness import FACENET_PACK, Server, TemporaryFolderTest, clean_environment, facepipe, photographs

FORM = {"content-type": "multipart/form-data; boundary=edge"}


class PeopleBesideTheStore(TemporaryFolderTest):
    def people(self, *arguments, check=True):
        return facepipe("people", *arguments, "--data", self.folder, check=check)

    def enrol(self, server, name, photo):
        body = form({"userid": name}, [("image", photo.read_bytes())])
        self.assertEqual(raw(server, "POST", "/v1/vision/face/register", body, FORM)[0], 200)

    def changes(self, server):
        return json.loads(raw(server, "GET", "/api/changes")[2])["items"]

    def traces(self, *needles):
        return [path for path in self.folder.rglob("*") if path.is_file() and path.name != "serve.log"
                and any(needle in path.read_bytes() for needle in needles)]

    def needles(self, name, photo):
        line = json.loads(facepipe("embed", photo).stdout)
        return name.encode(), struct.pack("<192f", *line["faces"][0]["embedding"])[:32]

    def test_a_running_server_does_it(self):
        photo = photographs("val", "madonna")[0]
        with Server(self.folder) as server:
            self.enrol(server, "Mado Nna", photo)
            self.people("rename", "Mado Nna", "Louise Cic")
            self.assertEqual(self.changes(server)[0]["action"], "person.rename")
            self.people("remove", "Louise Cic")
            self.assertEqual(json.loads(raw(server, "GET", "/api/people")[2])["items"], [])
            missing = self.people("remove", "Louise Cic", check=False)
            self.assertEqual(missing.returncode, 1)
            self.assertIn("Louise Cic", missing.stderr)
        self.assertEqual(self.traces(*self.needles("Louise Cic", photo)), [])

    def test_on_a_stopped_server_it_is_done_in_the_folder(self):
        photo = photographs("val", "madonna")[0]
        with Server(self.folder) as server:
            self.enrol(server, "Mado Nna", photo)
        self.people("rename", "Mado Nna", "Louise Cic")
        with Server(self.folder) as server:
            last = self.changes(server)[0]
            self.assertEqual((last["action"], last["who"]), ("person.rename", "command line"))
        self.assertNotEqual(self.traces(*self.needles("Louise Cic", photo)), [])
        self.people("remove", "Louise Cic")
        self.assertEqual(self.traces(*self.needles("Louise Cic", photo)), [])

    def kept(self, server, name):
        person = json.loads(raw(server, "GET", f"/api/people?name={name}")[2])["items"][0]
        pictures = json.loads(raw(server, "GET", f"/api/people/{person['id']}/pictures")[2])["items"]
        return [picture["kept"] for picture in pictures]

    def test_pictures_are_kept_by_a_running_server_and_by_the_command(self):
        madonna = photographs("val", "madonna")
        grey = grey_picture(self.folder)
        self.people("add", "Before", madonna[0])
        with Server(self.folder) as server:
            self.assertEqual(self.kept(server, "Before"), [True])
            added = self.people("add", "During", madonna[1], madonna[2], grey, check=False)
            self.assertEqual(added.returncode, 1)
            self.assertIn("2 pictures added, 1 refused", added.stdout)
            self.assertIn("grey.png: no face found", added.stderr)
            self.assertEqual(self.kept(server, "During"), [True, True])
        self.people("add", "--keep", "none", "After", madonna[3])
        with Server(self.folder) as server:
            self.assertEqual(self.kept(server, "After"), [False])


    def rejected(self, server, name):
        return json.loads(raw(server, "GET", f"/api/people?name={name}")[2])["items"][0]["rejected"]

    def undo(self, server, change):
        body = json.dumps({"change": change["id"]}).encode()
        self.assertEqual(raw(server, "POST", "/api/undo", body, {"content-type": "application/json"})[0], 200)

    def test_rejected_pictures_are_in_the_log_and_taken_back(self):
        madonna = photographs("val", "madonna")
        grey = grey_picture(self.folder)
        self.people("add", "Somebody Else", photographs("val", "elton_john")[0])
        self.people("reject", "Somebody Else", madonna[0])
        with Server(self.folder) as server:
            stopped = self.changes(server)[0]
            self.assertEqual((stopped["action"], stopped["who"], stopped["name"], stopped["pictures"], stopped["undoable"]),
                             ("picture.reject", "command line", "Somebody Else", 1, True))
            running = self.people("reject", "Somebody Else", madonna[1], grey, check=False)
            self.assertEqual(running.returncode, 1)
            self.assertIn("1 of 2 pictures are not Somebody Else", running.stdout)
            self.assertIn("grey.png: no face found", running.stderr)
            self.assertEqual(self.rejected(server, "Somebody"), 2)
            nobody = self.people("reject", "Nobody", madonna[1], check=False)
            self.assertEqual(nobody.returncode, 1)
            self.assertIn("Nobody", nobody.stderr)
            self.undo(server, self.changes(server)[0])
            self.undo(server, stopped)
            self.assertEqual(self.rejected(server, "Somebody"), 0)
            self.people("reject", "Somebody Else", madonna[2])
            self.people("reject", "Somebody Else", "--forget")
            self.assertEqual(self.changes(server)[0]["action"], "person.forget_rejected")
            self.assertEqual(self.rejected(server, "Somebody"), 0)
            self.assertEqual(self.kept(server, "Somebody"), [True], "of what is rejected no picture is kept")

    def test_an_imported_gallery_is_in_the_log(self):
        pt = self.folder / "gallery.pt"
        facepipe("people", "add", "--mode", "classic", "Mado Nna", photographs("val", "madonna")[0], "--data", self.folder,
                 env=clean_environment())
        self.people("export", pt)
        (self.folder / "gallery.fpg").unlink()
        self.people("import-pt", pt)
        again = self.people("import-pt", pt, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("import a .pt into a gallery of its own", again.stderr)
        with Server(self.folder, "--pack", FACENET_PACK) as server:
            last = self.changes(server)[0]
            self.assertEqual((last["action"], last["who"], last["undoable"]), ("people.import", "command line", False))


if __name__ == "__main__":
    unittest.main()
