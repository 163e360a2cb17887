"""What the programs load: checked before it is used, loaded when it has changed, refused at once when it is no file."""
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from urllib.parse import urlsplit

from harness import ACCOUNT, PACK, PROGRAM, Server, TemporaryFolderTest, environment, facepipe, photographs, wait_until

PATIENCE_S = 60  # with what would never end


def run(*arguments, env=None, **options):
    """A command that must end by itself, whatever it is given."""
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, timeout=PATIENCE_S,
                          env=environment() | (env or {}), **options)


def flip_a_bit(path, at=None):
    with open(path, "r+b") as file:
        file.seek(path.stat().st_size // 2 if at is None else at)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


class DamagedModels(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.pack = self.folder / "pack"
        self.pack.mkdir()
        for file in PACK.iterdir():
            (self.pack / file.name).symlink_to(file)
        self.files = json.loads((PACK / "manifest.json").read_text())["files"]
        self.photo = photographs("val", "madonna")[0]

    def damaged(self, role, change):
        """The file of a role, replaced by a changed copy."""
        path = self.pack / self.files[role]["name"]
        path.unlink()
        shutil.copy(PACK / path.name, path)
        change(path)
        return path

    def refusals(self):
        data = ("--data", self.folder / "data", "--pack", self.pack)
        serve = run("serve", *data, "--port", 0, "--sqs-port", 0)
        recognise = run("embed", "--pack", self.pack, self.photo)
        for done in (serve, recognise):
            self.assertNotEqual(done.returncode, 0, done.stdout)
            yield done.stderr.decode()

    def test_one_flipped_bit_of_the_detector_is_refused_by_name(self):
        for at in (None, self.files["detector"]["size_bytes"] - 1):
            path = self.damaged("detector", lambda path, at=at: flip_a_bit(path, at))
            for message in self.refusals():
                self.assertIn(f"{path}: the file is damaged: expected", message)
            done = run("detect", "--pack", self.pack, self.photo)
            self.assertEqual((done.returncode, done.stdout), (1, b""))

    def test_one_flipped_bit_of_what_the_embedder_loads(self):
        for role in [role for role in self.files if role.startswith("embedder@") or role.startswith("embedder-weights@")]:
            with self.subTest(role):
                path = self.damaged(role, flip_a_bit)
                for message in self.refusals():
                    self.assertIn(f"{path}: the file is damaged: expected", message)
                path.unlink()
                path.symlink_to(PACK / path.name)

    def test_files_that_were_exchanged_or_cut(self):
        path = self.damaged("detector", lambda path: path.write_bytes(b"\0" * self.files["detector"]["size_bytes"]))
        for message in self.refusals():
            self.assertIn(str(path), message)
        self.damaged("detector", lambda path: os.truncate(path, 1_000))
        for message in self.refusals():
            self.assertIn("found 1000", message)

    def test_a_changed_manifest(self):
        facepipe("model", "info", "--verify", PACK)
        manifest = self.pack / "manifest.json"
        text = manifest.read_text()
        manifest.unlink()
        manifest.write_text(text.replace("\"distance_threshold\":", "\"distance_threshold\":1"))
        if "manifest_sha256" in text:  # a pack of before has nothing to compare
            for message in self.refusals():
                self.assertIn(f"{manifest}: the manifest is damaged", message)


class PipesAndDevices(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.pipe = self.folder / "pipe"
        os.mkfifo(self.pipe)
        self.photo = photographs("val", "madonna")[0]

    def test_a_named_pipe_is_refused_at_once_wherever_a_file_is_named(self):
        pt = self.folder / "pipe.pt"
        os.mkfifo(pt)
        data = ("--data", self.folder / "data")
        url = ("--url", "http://127.0.0.1:9/", "--results", "http://127.0.0.1:9/000000000000/answers")
        ports = ("--port", 0, "--sqs-port", 0)
        commands = [
            ("detect", self.pipe), ("embed", self.pipe), ("send", *url, "--timeout", 10, self.pipe),
            ("people", *data, "add", "Ada", self.pipe), ("people", "--gallery", self.pipe, "list"),
            ("people", *data, "import-pt", pt), ("people", "--gallery", pt, "list"),
            ("recognize", "--gallery", self.pipe, self.photo),
            ("serve", "--gallery", self.pipe, *data, *ports), ("serve", "--gallery", pt, *data, *ports),
            ("serve", "--key-file", self.pipe, *data, *ports), ("people", *data, "--key-file", self.pipe, "list"),
            ("serve", "--tls-cert", self.pipe, "--tls-key", self.pipe, *data, *ports),
            ("send", *url, "--token-file", self.pipe, self.photo),
        ]
        for command in commands:
            with self.subTest(command):
                done = run(*command)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(b"expected a file, found a named pipe", done.stdout + done.stderr)

    def test_pipes_in_the_data_folder(self):
        for name in ("access.json", "queues.db", "gallery.fpg"):
            with self.subTest(name):
                data = self.folder / name.split(".")[0]
                data.mkdir()
                os.mkfifo(data / name, 0o600)
                done = run("serve", "--data", data, "--port", 0, "--sqs-port", 0)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(b"expected a file, found a named pipe", done.stderr)

    def test_devices_folders_and_sockets_are_told_apart(self):
        path = self.folder / "socket"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            for file, kind in (("/dev/zero", "a character device"), (path, "a socket")):
                done = run("detect", file)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(json.loads(done.stdout)["error"], f"expected a file, found {kind}: {file}")
        done = run("people", "--gallery", self.folder, "list")
        self.assertIn(b"expected a file, found a directory", done.stderr)


class StandardInput(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.photo = photographs("val", "madonna")[0]
        self.expected = json.loads(run("detect", self.photo).stdout)["faces"]
        self.assertEqual(len(self.expected), 1)

    def test_a_picture_is_read_from_it(self):
        for name in ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
            with self.subTest(name):
                line = json.loads(run("detect", name, input=self.photo.read_bytes()).stdout)
                self.assertEqual((line["file"], line["faces"]), (name, self.expected))
                with open(self.photo, "rb") as file:
                    self.assertEqual(json.loads(run("detect", name, stdin=file).stdout)["faces"], self.expected)
        self.assertEqual(len(json.loads(run("embed", "-", input=self.photo.read_bytes()).stdout)["faces"]), 1)

    def test_process_substitution(self):
        done = subprocess.run(["bash", "-c", '"$0" detect <(cat "$1") <(cat "$1")', PROGRAM, str(self.photo)],
                              capture_output=True, timeout=PATIENCE_S, env=environment())
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["faces"] for line in lines], [self.expected] * 2, done.stderr)

    def test_it_is_bounded_and_may_be_empty(self):
        with open("/dev/zero", "rb") as zeros:
            line = json.loads(run("detect", "-", stdin=zeros).stdout)
        self.assertEqual(line["error"], "- has more than 33554432 bytes; the limit is 33554432")
        self.assertIn("error", json.loads(run("detect", "-", stdin=subprocess.DEVNULL).stdout))
        done = run("detect", "-", "/dev/stdin", input=b"")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"expected once", done.stderr)

    def test_send_and_people_add(self):
        facepipe("people", "--data", self.folder, "add", "madonna", *photographs("train", "madonna")[:2])
        run("people", "--data", self.folder, "add", "madonna", "-", input=self.photo.read_bytes(), check=True)
        with Server(self.folder) as server:
            done = run("send", "--url", server.url, "--results", server.answers_url, "--json", "-", "--timeout", PATIENCE_S, "-",
                       input=self.photo.read_bytes())
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(b"madonna", done.stdout)


class Signals(TemporaryFolderTest):
    def start(self, *arguments):
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], env=environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_each_ends_a_program_that_is_starting(self):
        facepipe("people", "--data", self.folder, "add", "madonna", photographs("train", "madonna")[0])
        worker = ("worker", "--source", "http://127.0.0.1:9/000000000000/a", "--results", "http://127.0.0.1:9/000000000000/b",
                  "--data", self.folder)
        serve = ("serve", "--data", self.folder, "--port", 0, "--sqs-port", 0)
        for command in (serve, worker):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                for delay in (0.005, 0.05, 0.15):
                    with self.subTest(command=command[0], signal=number.name, delay=delay):
                        process = self.start(*command)
                        time.sleep(delay)  # no wait for anything: any moment will do
                        process.send_signal(number)
                        self.assertIn(process.wait(PATIENCE_S), (0, -number))

    def test_hangup_stops_as_sigterm_does(self):
        with Server(self.folder) as server:
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(server.process.wait(PATIENCE_S), 0)
            self.assertIn('"event":"stopped"', server.log_path.read_text())


class Revocation(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.token = facepipe("token", "new", "--data", self.folder).stdout.split()[0]
        self.id = facepipe("token", "list", "--data", self.folder).stdout.split()[0]
        facepipe("token", "new", "--data", self.folder)

    def status(self, connection):
        connection.request("GET", "/metrics", headers={"authorization": f"Bearer {self.token}"})
        response = connection.getresponse()
        response.read()
        return response.status, response.headers.get("retry-after")

    def test_it_holds_while_no_file_can_be_opened_and_is_read_when_one_can(self):
        with Server(self.folder) as server:
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=PATIENCE_S)
            self.addCleanup(connection.close)
            self.assertEqual(self.status(connection), (200, None))
            limits = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
            facepipe("token", "revoke", self.id, "--data", self.folder)
            self.assertEqual(self.status(connection), (503, "1"))
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limits)
            wait_until(lambda: self.status(connection) == (401, None), "the revocation is read", PATIENCE_S)
        self.assertEqual(server.log_path.read_text().count("access_not_loaded"), 1)

    def test_a_mode_that_is_refused_and_corrected(self):
        with Server(self.folder) as server:
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=PATIENCE_S)
            self.addCleanup(connection.close)
            facepipe("token", "revoke", self.id, "--data", self.folder)
            (self.folder / "access.json").chmod(0o644)
            self.assertEqual(self.status(connection), (503, "1"))
            from botocore.exceptions import ClientError
            with self.assertRaises(ClientError) as refused:
                server.sqs().list_queues()
            self.assertEqual(refused.exception.response["ResponseMetadata"]["HTTPStatusCode"], 503)
            self.assertIn("ServiceUnavailable", refused.exception.response["Error"]["Code"])
            (self.folder / "access.json").chmod(0o600)
            self.assertEqual(self.status(connection), (401, None))
            server.sqs().list_queues()


class ChangedGallery(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        facepipe("people", "--data", self.folder, "add", "--largest", "madonna", *photographs("train", "madonna")[:3])
        self.gallery = self.folder / "gallery.fpg"
        self.photo = photographs("val", "madonna")[0]

    def post(self, server, request_id):
        status, _, body = server.request(path=f"?request_id={request_id}&filename=a.jpg", body=self.photo.read_bytes(),
                                         headers={"content-type": "image/jpeg"})
        self.assertEqual(status, 200, body)

    def ready(self, server):
        return server.request("GET", "readyz")[0]

    def post_and_wait_until_held(self, server, request_id):
        """The recogniser has its face, and waits."""
        self.post(server, request_id)
        sqs, requests = server.sqs(), f"{server.sqs_url}/{ACCOUNT}/face-requests"
        wait_until(lambda: sqs.get_queue_attributes(QueueUrl=requests, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessagesNotVisible"] == "1", "a recogniser has the face")

    def test_one_that_cannot_be_loaded_is_seen_and_recovers_without_another_change(self):
        with Server(self.folder) as server:
            self.assertEqual(self.ready(server), 200)
            limits = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=PATIENCE_S)
            self.addCleanup(connection.close)

            def readiness():
                connection.request("GET", "/readyz")
                response = connection.getresponse()
                response.read()
                return response.status

            self.assertEqual(readiness(), 200)
            with tempfile.TemporaryDirectory() as elsewhere:  # a server without descriptors cannot be asked to do it
                shutil.copy(self.gallery, elsewhere)
                facepipe("people", "--data", elsewhere, "rename", "madonna", "somebody")
                resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
                shutil.copy(pathlib.Path(elsewhere) / self.gallery.name, self.folder / "gallery.new")
            (self.folder / "gallery.new").rename(self.gallery)
            wait_until(lambda: readiness() == 503, "the server says so", PATIENCE_S)
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, limits)
            wait_until(lambda: readiness() == 200, "the gallery is loaded", PATIENCE_S)
            self.post(server, "after")
            self.assertEqual(server.take_answers(1)[0]["result"], "somebody")
            self.assertIn("facepipe_gallery_load_failures_total 1", server.request("GET", "metrics")[2])

    def test_past_the_grace_nobody_is_named_by_the_gallery_before(self):
        with Server(self.folder) as server:
            self.post(server, "before")
            self.assertEqual(server.take_answers(1)[0]["result"], "madonna")
            facepipe("people", "--data", self.folder, "rename", "madonna", "somebody")
            renamed = self.gallery.read_bytes()
            self.gallery.write_bytes(renamed[:-1])
            wait_until(lambda: self.ready(server) == 503, "the server says so", PATIENCE_S)
            self.post(server, "bridged")
            bridged = server.take_answers(1)[0]["result"]
            self.assertIn(bridged, ("madonna", "somebody"))
            time.sleep(11)  # the documented ten seconds, and one
            self.post_and_wait_until_held(server, "kept")
            with self.assertRaises(AssertionError):
                server.take_answers(1, seconds=3)
            self.gallery.write_bytes(renamed)
            self.assertEqual(server.take_answers(1)[0]["result"], "somebody")
            self.assertEqual(self.ready(server), 200)

    def test_a_server_whose_faces_wait_for_the_gallery_stops(self):
        with Server(self.folder) as server:
            os.truncate(self.gallery, self.gallery.stat().st_size - 1)
            wait_until(lambda: self.ready(server) == 503, "the server says so", PATIENCE_S)
            time.sleep(11)
            self.post_and_wait_until_held(server, "kept")
            begin = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 10, "the grace is not waited for")


if __name__ == "__main__":
    unittest.main()
