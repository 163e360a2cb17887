"""facepipe serve --config FILE: settings from TOML, what counts before what, and what is refused."""
import unittest

import harness


class Config(harness.TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "facepipe.toml"

    def refuses(self, text, *words):
        self.file.write_text(text)
        done = harness.facepipe("serve", "--config", self.file, "--data", self.folder / "data", check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        for word in (str(self.file), *words):
            self.assertIn(word, done.stderr)
        self.assertFalse((self.folder / "data").exists())  # refused before anything was done

    def test_what_is_refused_names_the_file_and_the_place(self):
        self.refuses("max-faecs = 3\n", "line 1", "\"max-faecs\"", "max-faces")
        self.refuses("max-faces = 3\nmax-faces = 4\n", "line 2")
        self.refuses("max-faces = \n", "line 1", "not TOML")
        self.refuses("max-faces = 0\n", "\"max-faces\"", "100000")
        self.refuses("max-faces = \"many\"\n", "\"max-faces\"", "many")
        self.refuses("max-faces = [1, 2]\n", "\"max-faces\"")
        self.refuses("insecure = 1\n", "\"insecure\"", "true or false")
        self.refuses("max-faces = true\n", "\"max-faces\"")
        self.refuses("[serve]\nmax-faces = 3\n", "unknown key \"serve\"")
        self.refuses("config = \"other.toml\"\n", "unknown key \"config\"")
        self.refuses("port = 8080.5\n", "\"port\"")
        self.refuses("thresholds = [0.6, 0.7]\n", "\"thresholds\"")
        self.refuses("when = 2026-01-01\n", "unknown key")
        self.refuses("keep-known = 7\n", "\"keep-known\"", "7d")
        self.refuses("keep = \"none\"\nkeep-unknown = \"soon\"\n", "\"keep-unknown\"", "soon")
        self.refuses("keep-events = \"1s\"\n", "\"keep-events\"", "at least")
        self.refuses("webhook = [\"http://127.0.0.1:1/\", \"receiver\"]\n", "\"webhook\"", "receiver")
        self.refuses("max-waiting = -3\n", "\"max-waiting\"", "-3")

    def test_a_file_that_is_not_there(self):
        done = harness.facepipe("serve", "--config", self.file, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.file), done.stderr)

    def test_settings_take_effect_and_the_command_line_counts_before_them(self):
        # As the file says: a limit of bodies. As the command line says, in spite of the file: the data folder.
        self.file.write_text(
            f'max-body = "1kb"\nhost = ["camera.example", "other.example"]\nignore-exif = true\ninsecure = false\n'
            f'thresholds = [0.6, 0.7, 0.7]\nworkers = 0\ndata = "{self.folder}/from-file"\n'
        )
        data = self.folder / "data"
        data.mkdir()
        with harness.Server(data, "--config", self.file) as server:
            self.assertEqual(server.request(body=b"x" * 2000)[0], 413)
            self.assertEqual(server.request("GET", "healthz", headers={"host": "other.example"})[0], 200)
            self.assertEqual(server.request("GET", "healthz", headers={"host": "third.example"})[0], 403)
        self.assertFalse((self.folder / "from-file").exists())
        self.assertTrue((data / "queues.db").exists())

    def test_numbers_are_taken_to_their_last_digit(self):
        self.file.write_text("strangers = 0.0123456789\nmax-body = 2e3\nworkers = 0\n")
        data = self.folder / "data"
        data.mkdir()
        harness.facepipe("people", "add", "Ada", harness.photographs("val", "madonna")[0], "--data", data)
        with harness.Server(data, "--config", self.file) as server:
            self.assertEqual(server.request("GET", "api/settings")[2]["fixed"]["strangers"], "0.0123456789")
            self.assertEqual(server.request(body=b"x" * 2001)[0], 413)

    def test_the_environment_counts_before_the_file(self):
        self.file.write_text('pack = "/nonexistent"\nworkers = 0\n')  # FACEPIPE_PACK is set by the harness
        data = self.folder / "data"
        data.mkdir()
        with harness.Server(data, "--config", self.file):
            pass


if __name__ == "__main__":
    unittest.main()
