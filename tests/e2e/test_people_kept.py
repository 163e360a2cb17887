"""The people commands beside what is kept of people: a running server's API, or the folder itself."""
import fcntl
import http.server
import json
import os
import pathlib
import struct
import subprocess
import threading
import unittest

from foreign import form, grey_picture, raw
from free_ports import free_ports
from harness import (FACENET_PACK, PROGRAM, Server, TemporaryFolderTest, clean_environment, enrolled, environment, facepipe,
                     make_certificate, photographs, wait_until)

FORM = {"content-type": "multipart/form-data; boundary=edge"}


class Listener:
    """An HTTP server that knows nothing, on that port of loopback. A context manager."""

    def __init__(self, port):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


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
            self.enrol(server, "Mado Nna", photo)
            latin = subprocess.run([PROGRAM, "people", "rename", "Mado Nna", "Zoë".encode("latin-1"), "--data", self.folder],
                                   capture_output=True, env=environment())
            self.assertEqual(latin.returncode, 2, latin.stderr)
            self.assertIn(b"UTF-8", latin.stderr)
            self.people("remove", "Mado Nna")
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

    def test_a_server_with_tls_does_it_whatever_name_its_certificate_is_for(self):
        certificate, key = make_certificate(self.folder, "camera", "DNS:camera.example")
        madonna = photographs("val", "madonna")
        self.people("add", "Mado Nna", madonna[0])
        with Server(self.folder, "--tls-cert", certificate, "--tls-key", key):
            self.people("add", "Mado Nna", madonna[1])
            self.people("rename", "Mado Nna", "Louise Cic")
            for words in (("faces", "export"), ("visits", "list")):
                self.assertEqual(facepipe(*words, "--data", self.folder).stdout, "")
        with Server(self.folder) as server:
            self.assertEqual([(change["action"], change["who"]) for change in self.changes(server)[:2]],
                             [("person.rename", "command line"), ("picture.add", "command line")])
            self.assertEqual(self.kept(server, "Louise"), [True, True])

    def test_whoever_listens_where_a_killed_server_did_is_passed_by(self):
        here, there = self.folder / "here", self.folder / "there"
        madonna = photographs("val", "madonna")
        there.mkdir()
        facepipe("people", "add", "Mado Nna", madonna[0], "--data", here)
        port, = free_ports(1)
        with Server(here, frame_port=port) as server:
            server.kill()
        with Server(there, frame_port=port) as other:
            facepipe("people", "add", "Louise", madonna[1], "--data", here)
            facepipe("people", "rename", "Mado Nna", "Ada", "--data", here)
            self.assertEqual(json.loads(raw(other, "GET", "/api/people")[2])["items"], [], "another folder's people")
        self.assertEqual(enrolled(here), {"Ada": 1, "Louise": 1})
        (here / "server.json").write_text(json.dumps({"url": f"http://127.0.0.1:{port}/", "token": "fpt_x"}))
        (here / "server.json").chmod(0o600)
        with Listener(port):
            facepipe("people", "rename", "Ada", "Eve", "--data", here)
        self.assertEqual(enrolled(here), {"Eve": 1, "Louise": 1})

    def test_a_server_is_asked_for_the_people_of_its_own_gallery(self):
        madonna = photographs("val", "madonna")
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        people = elsewhere / "people.fpg"
        with Server(self.folder, "--gallery", people) as server:
            beside = self.people("add", "Mado Nna", madonna[0], check=False)
            self.assertEqual(beside.returncode, 1, beside.stdout)
            self.assertIn(f"has the people of {people.resolve()}: --gallery names them", beside.stderr)
            self.assertEqual(json.loads(raw(server, "GET", "/api/people")[2])["items"], [])
            for photo in madonna[1:3]:
                self.people("add", "Mado Nna", photo, "--gallery", elsewhere / ".." / "elsewhere" / "people.fpg")
            self.assertEqual(self.kept(server, "Mado"), [True, True])
            self.people("rename", "Mado Nna", "Louise Cic", "--gallery", people)
            self.assertEqual(self.changes(server)[0]["action"], "person.rename")

    def test_a_command_waits_for_another_that_has_the_faces_open(self):
        self.people("add", "Mado Nna", photographs("val", "madonna")[0])
        file = self.folder.resolve() / "faces.db.lock"

        def waits(process):
            try:
                return str(file) in [os.readlink(link) for link in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()]
            except OSError:  # of one that is closed meanwhile
                return False

        with open(file, "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen([PROGRAM, "people", "rename", "Mado Nna", "Ada", "--data", self.folder], text=True,
                                       stderr=subprocess.PIPE, env=environment())
            wait_until(lambda: process.poll() is not None or waits(process), "the command comes to the lock")
        _, complaint = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, complaint)
        self.assertEqual(enrolled(self.folder), {"Ada": 1})

    def test_what_a_running_server_does_not_do_is_said(self):
        madonna = photographs("val", "madonna")
        with Server(self.folder) as server:
            refused = self.people("add", "--keep", "none", "Mado Nna", madonna[0], check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("--keep none", refused.stderr)
            refused = self.people("add", "--mode", "classic", "Mado Nna", madonna[0], check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("--mode classic", refused.stderr)
            self.assertEqual(json.loads(raw(server, "GET", "/api/people")[2])["items"], [])
            added = self.people("add", "--strangers", "0.001", "--max-side", "5000", "Mado Nna", madonna[0])
            self.assertIn("--max-side, --strangers: not used", added.stderr)
            rejected = self.people("reject", "--min-face", "30", "Mado Nna", madonna[1])
            self.assertIn("--min-face: not used", rejected.stderr)
            self.assertNotIn("not used", self.people("add", "Mado Nna", madonna[2]).stderr)
        with Server(self.folder, "--keep", "none"):
            self.people("add", "--keep", "none", "Eve", madonna[3])
        self.assertEqual(enrolled(self.folder), {"Mado Nna": 2, "Eve": 1})

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
