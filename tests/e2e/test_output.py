"""What every command prints: failures of standard output, untrusted text on terminals, options on both sides of a subcommand,
tables that fit, and the time limit of `send`."""
import fcntl
import json
import os
import pty
import re
import shutil
import socket
import struct
import subprocess
import termios
import time
import unittest

from harness import PROGRAM, TemporaryFolderTest, environment, facepipe, photographs

ESCAPE = "\x1b]0;owned\x07\x1b[31m\u009b2J\u202e\u2028"
ACTED_ON = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def commands(*path):
    """Every command line's words, by what --help lists: [("people", "add"), ...]."""
    listed = re.search(r"\nSubcommands:\n((?:  .*\n)+)", facepipe(*path, "--help").stdout)
    if not listed:
        return [path]
    return [found for name in re.findall(r"^  ([\w-]+)", listed.group(1), re.M) for found in commands(*path, name)]


def options(*path):
    """{name: placeholder or ''} of the options that --help lists."""
    found = re.findall(r"^  (?:-\w,)?(--[\w-]+)(?: ([A-Z]+)\b)?", facepipe(*path, "--help").stdout, re.M)
    return {name: kind for name, kind in found if name not in ("--help", "--version")}


class Output(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        facepipe("token", "--data", self.folder, "new")
        facepipe("people", "--data", self.folder, "add", "Ada", photographs("val", "madonna")[0])

    def run_with(self, stdout, *arguments, **more):
        return subprocess.run([PROGRAM, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120,
                              env=environment(), **more)

    def printing(self):
        data = ("--data", self.folder)
        picture = photographs("val")[0]
        help_of_all = [(*path, "--help") for path in commands()]
        return [("--help",), ("--version",), *help_of_all, ("people", "list", *data), ("people", "list", "--json", *data),
                ("token", "list", *data), ("doctor", *data), ("doctor", "--json", *data), ("model", "info"),
                ("detect", picture), ("erase", "Nobody", *data), ("people", "add", "Eve", picture, *data)]

    def test_a_full_device_fails_every_command_that_prints(self):
        for arguments in self.printing():
            with open("/dev/full", "w") as full:
                done = self.run_with(full, *arguments)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("standard output", done.stderr, arguments)
            self.assertIn("No space left", done.stderr, arguments)

    def test_a_closed_standard_output_fails_and_is_never_a_file_of_ours(self):
        before = (self.folder / "gallery.fpg").read_bytes()
        for arguments in (("--help",), ("people", "list", "--data", str(self.folder)), ("detect", photographs("val")[0])):
            done = subprocess.run(["sh", "-c", '"$@" >&-', "sh", PROGRAM, *map(str, arguments)], stderr=subprocess.PIPE,
                                  text=True, timeout=60, env=environment())
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn("standard output", done.stderr)
        self.assertEqual((self.folder / "gallery.fpg").read_bytes(), before)

    def test_a_reader_that_is_gone(self):
        for ignored, status in ((True, 1), (False, -13)):  # with SIGPIPE as usual it ends the program, as any filter
            reader, writer = os.pipe()
            os.close(reader)
            done = self.run_with(writer, "--help", restore_signals=not ignored)
            os.close(writer)
            self.assertEqual(done.returncode, status)

    def test_a_token_or_key_that_nobody_saw_is_none(self):
        file = self.folder / "access.json"
        before = file.read_bytes()
        for arguments in (("new",), ("sqs-key", "new")):
            with open("/dev/full", "w") as full:
                done = self.run_with(full, "token", *arguments, "--data", self.folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("standard output", done.stderr)
            self.assertEqual(file.read_bytes(), before)


class Terminal(TemporaryFolderTest):
    def assert_harmless(self, done):
        self.assertIsNone(ACTED_ON.search(done.stdout + done.stderr), repr(done.stdout + done.stderr))

    def test_file_names_and_option_values(self):
        hostile = self.folder / ("a" + ESCAPE.replace("/", "") + ".jpg")
        hostile.write_bytes(b"no picture")
        (self.folder / ("x" + ESCAPE)).write_bytes(b"other")
        for arguments in (("detect", hostile), ("detect", self.folder), ("detect", str(hostile) + "x"), ("people", "list", "--data", hostile),
                          ("people", "remove", ESCAPE, "--data", self.folder), ("token", "new", "--name", ESCAPE),
                          ("token", "revoke", ESCAPE, "--data", self.folder), ("detect", "--threads", ESCAPE, "x"),
                          ("detect", "--" + ESCAPE), (ESCAPE,), ("serve", "--faces", ESCAPE), ("key", "new", hostile),
                          ("send", "--url", "http://h/" + ESCAPE, "--results", ESCAPE, "x"),
                          ("queue", "list", "--endpoint", ESCAPE), ("model", "info", hostile)):
            done = facepipe(*arguments, check=False)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assert_harmless(done)

    def test_a_setting_of_the_environment(self):
        done = subprocess.run([PROGRAM, "detect", "--help"], capture_output=True, text=True, timeout=60,
                              env=environment() | {"FACEPIPE_PACK": "/x" + ESCAPE})
        self.assert_harmless(done)

    def test_names_of_people_and_json_keeps_its_value(self):
        name = "Ada\u202eecaf Tür"
        facepipe("people", "--data", self.folder, "add", name, photographs("val", "madonna")[0])
        table = facepipe("people", "--data", self.folder, "list")
        self.assertIn("Ada\\u202eecaf Tür", table.stdout)
        lines = facepipe("people", "--data", self.folder, "list", "--json")
        for done in (table, lines):
            self.assert_harmless(done)
        self.assertEqual(json.loads(lines.stdout)["name"], name)

    def test_a_server_s_error_body_is_harmless_and_bounded(self):
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        import threading
        body = ("<" + ESCAPE + ">" + "long" * 10_000).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(400)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        done = facepipe("send", "--url", url, "--results", url + "000000000000/q", "--timeout", 60, photographs("val")[0], check=False)
        server.shutdown()
        server.server_close()
        self.assertEqual(done.returncode, 1)
        self.assertIn("\\u001b[31m", done.stderr + done.stdout)
        self.assertLess(len(done.stderr + done.stdout), 4000)
        self.assert_harmless(done)

    def test_the_table_fits_the_terminal_and_is_whole_elsewhere(self):
        name = "n" * 120
        facepipe("people", "--data", self.folder, "add", name, photographs("val", "madonna")[0])
        self.assertIn(name, facepipe("people", "--data", self.folder, "list").stdout)
        main, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
        subprocess.run([PROGRAM, "people", "list", "--data", str(self.folder)], stdout=terminal, timeout=60, check=True,
                       env={key: value for key, value in environment().items() if key != "COLUMNS"})
        os.close(terminal)
        first = os.read(main, 65536).decode().splitlines()[0]
        os.close(main)
        self.assertLessEqual(len(first), 50)
        self.assertIn("...", first)


class Arguments(TemporaryFolderTest):
    def test_every_option_is_taken_on_both_sides_of_every_subcommand(self):
        nested = [path for path in commands() if len(path) > 1]
        self.assertGreater(len(nested), 15)
        for path in nested:
            known = options(*path)
            for group in (path[:i] for i in range(1, len(path))):
                known |= options(*group)
            for name, kind in known.items():
                given = [name] + (["1", "2", "3"][:3 if name == "--thresholds" else 1] if kind else [])
                for at in range(len(path) + 1):
                    # Two words for the positional arguments; the last is unknown to all, and nothing else may be.
                    words = [*path[:at], *given, *path[at:], "x", "y", "--no-such-option"]
                    done = facepipe(*words, check=False)
                    self.assertEqual(done.returncode, 2, words)
                    self.assertNotRegex(done.stderr, rf"not expected:.*{name}\b", words)
                    self.assertNotIn("At least", done.stderr, words)

    def test_the_value_reaches_the_command(self):
        facepipe("token", "new", "--data", self.folder)
        facepipe("people", "--data", self.folder, "add", "Ada", photographs("val", "madonna")[0])
        for words in (("people", "list", "--data", self.folder), ("people", "--data", self.folder, "list"),
                      ("--data", self.folder, "people", "list"), ("people", f"--data={self.folder}", "--json", "list")):
            self.assertIn("Ada", facepipe(*words).stdout)
        for words in (("token", "list", "--data", self.folder), ("token", "--data", self.folder, "list")):
            self.assertTrue(facepipe(*words).stdout)
        self.assertEqual(facepipe("token", "sqs-key", "--data", self.folder, "list").stdout, "")

    def test_a_name_like_a_command_is_a_name(self):
        facepipe("people", "--data", self.folder, "add", "list", photographs("val", "madonna")[0])
        self.assertIn("list", facepipe("people", "list", "--data", self.folder).stdout)

    def test_max_pixels_belongs_to_every_command_that_decodes(self):
        for path in (("detect",), ("embed",), ("recognize",), ("people", "add"), ("people", "import"), ("evaluate", "verify"),
                     ("evaluate", "pairs"), ("evaluate", "identify"), ("evaluate", "detect"), ("model", "build"), ("worker",), ("serve",)):
            self.assertLessEqual({"--max-pixels", "--max-side"}, set(options(*path)), path)
        done = facepipe("detect", "--max-pixels", 1000, photographs("val")[0], check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--max-pixels", json.loads(done.stdout)["error"])


class TimeLimit(TemporaryFolderTest):
    def test_the_timeout_of_send_bounds_everything(self):
        with socket.socket() as silent:  # connections are taken by the kernel, and nobody answers
            silent.bind(("127.0.0.1", 0))
            silent.listen(64)
            url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
            metadata = environment() | {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "HOME": str(self.folder),
                                        "AWS_MAX_ATTEMPTS": "9", "AWS_METADATA_SERVICE_TIMEOUT": "60"}
            for more, env in (((), environment()), (("--sign", "--region", "eu-west-1"), metadata)):
                begin = time.monotonic()
                done = subprocess.run([PROGRAM, "send", "--timeout", "2", *more, "--url", url, "--results", url + "000000000000/q",
                                       *map(str, photographs("val")[:8])], capture_output=True, text=True, timeout=120, env=env)
                self.assertEqual(done.returncode, 1)
                self.assertLess(time.monotonic() - begin, 20, done.stderr)  # a try without the limit takes 30 s and more


class Pictures(TemporaryFolderTest):
    def test_annotated_names_never_collide(self):
        first, second = photographs("val")[:2]
        for name in ("x/p.jpg", "y/p.jpg", "z/P.JPG"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(second if "y" in name else first, self.folder / name)
        out = self.folder / "out"
        done = facepipe("detect", "--annotate", out, *(self.folder / n for n in ("x/p.jpg", "y/p.jpg", "z/P.JPG")))
        written = [json.loads(line)["annotated"] for line in done.stdout.splitlines()]
        self.assertEqual(len({name.lower() for name in written}), 3)
        self.assertEqual(sorted(written), sorted(map(str, out.iterdir())))

    def test_annotating_writes_over_no_input(self):
        picture = photographs("val")[0]
        for name in ("p.jpg", "p.jpg.jpg"):
            shutil.copy(picture, self.folder / name)
        facepipe("detect", "--annotate", self.folder, self.folder / "p.jpg", self.folder / "p.jpg.jpg")
        self.assertEqual((self.folder / "p.jpg.jpg").read_bytes(), picture.read_bytes())

    def test_folders_go_by_content_and_what_is_left_out_is_said(self):
        picture = photographs("val")[0]
        for name in ("a.jfif", "no-extension"):
            shutil.copy(picture, self.folder / name)
        (self.folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
        done = facepipe("detect", self.folder)
        self.assertEqual([line["file"].rsplit("/")[-1] for line in map(json.loads, done.stdout.splitlines())],
                         ["a.jfif", "no-extension"])
        self.assertIn("Thumbs.db", done.stderr)

    def test_import_tells_what_is_no_picture_from_a_picture_that_failed(self):
        folder, data = self.folder / "people", self.folder / "data"
        (folder / "ada").mkdir(parents=True)
        (folder / "empty").mkdir()
        shutil.copy(photographs("val", "madonna")[0], folder / "ada" / "1.jpg")
        for name in ("Thumbs.db", "ada/Thumbs.db"):
            (folder / name).write_bytes(b"\xd0\xcf\x11\xe0")
        done = facepipe("people", "import", folder, "--data", data)
        self.assertIn("3 skipped", done.stdout)
        self.assertIn("empty", done.stderr)
        (folder / "ada" / "2.jpg").write_bytes(b"cut off")
        self.assertEqual(facepipe("people", "import", folder, "--data", data, check=False).returncode, 1)

    def test_result_words_are_no_names(self):
        data = ("--data", self.folder)
        picture = photographs("val", "madonna")[0]
        facepipe("people", "add", "Ada", picture, *data)
        for word in ("unknown", "Unknown", "No-Face", "NO-FACE", "error", "Error"):
            for words in (("add", word, picture), ("rename", "Ada", word)):
                done = facepipe("people", *words, *data, check=False)
                self.assertNotEqual(done.returncode, 0, words)
                self.assertIn("another name", done.stderr)
        (self.folder / "people" / "unknown").mkdir(parents=True)
        shutil.copy(picture, self.folder / "people" / "unknown" / "1.jpg")
        self.assertEqual(facepipe("people", "import", self.folder / "people", *data, check=False).returncode, 1)
        # A gallery of an earlier release that has such a name still opens, and says so.
        file = self.folder / "gallery.fpg"
        facepipe("people", "rename", "Ada", "Unkn0wn", *data)
        self.assertIn(b"Unkn0wn", file.read_bytes())

    def test_several_faces_name_the_option(self):
        from_two = next(line for photo in photographs("train") if len((line := json.loads(
            facepipe("detect", photo).stdout))["faces"]) > 1)
        done = facepipe("people", "add", "Ada", from_two["file"], "--data", self.folder, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--largest", done.stderr)


if __name__ == "__main__":
    unittest.main()
