"""The API does what its own description says: schemathesis tries every operation, with and without tokens."""
import json
import re
import subprocess
import unittest

from harness import ROOT, Server, TemporaryFolderTest, facepipe, photographs

SCHEMATHESIS = ROOT / ".cache" / "venv-api" / "bin" / "schemathesis"
CONFIG = ROOT / "tests" / "api" / "schemathesis.toml"
# An answer that does not end; test_events.py tries it.
STREAM = "streamEvents"


class Description(TemporaryFolderTest):
    def run_schemathesis(self, server, *arguments, phases="coverage,fuzzing", examples=3):
        """Fails on any failure, and unless every operation but the stream was tried."""
        description = json.loads(subprocess.run(
            ["curl", "--silent", "--fail", *sum((["-H", value] for flag, value in zip(arguments, arguments[1:]) if flag == "-H"), []),
             server.url + "api/openapi.json"], capture_output=True, text=True, check=True).stdout)
        (self.folder / "openapi.json").write_text(json.dumps(description))
        operations = [operation["operationId"] for path in description["paths"].values() for operation in path.values()]
        self.assertIn(STREAM, operations)
        done = subprocess.run(
            [SCHEMATHESIS, "--config-file", CONFIG, "run", self.folder / "openapi.json", "--url", server.url, "--phases", phases,
             "--max-examples", str(examples), "--exclude-operation-id", STREAM, "--continue-on-failure", "--seed", "1",
             "--no-color", *arguments], capture_output=True, text=True, timeout=600, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-2000:])
        tested = re.search(r"Tested: (\d+)", done.stdout)
        self.assertIsNotNone(tested, done.stdout[-2000:])
        self.assertEqual(int(tested.group(1)), len(operations) - 1)

    def fill(self, server, *headers):
        """Somebody, and faces of frames: what is tried then finds something."""
        photos = photographs("train", "madonna")
        parts = sum((["-F", f"pictures=@{photo}"] for photo in photos[:3]), ["-F", "name=Madonna", "-F", "largest=true"])
        subprocess.run(["curl", "--silent", "--fail", *headers, *parts, server.url + "api/people"], check=True, capture_output=True)
        for photo in (photos[4], photographs("val", "elton_john")[0]):
            subprocess.run(["curl", "--silent", "--fail", *headers, "-H", "content-type: image/jpeg", "--data-binary", f"@{photo}",
                            server.url + "api/frames?camera=door&wait=20"], check=True, capture_output=True)

    def test_without_tokens(self):
        with Server(self.folder) as server:
            self.fill(server)
            self.run_schemathesis(server, "--exclude-checks", "ignored_auth")

    def test_with_a_token(self):
        manage = facepipe("token", "add", "tests", "--role", "manage", "--data", self.folder).stdout.strip()
        with Server(self.folder) as server:
            authorization = f"Authorization: Bearer {manage}"
            self.fill(server, "-H", authorization)
            self.run_schemathesis(server, "-H", authorization, phases="coverage")

    def test_where_nothing_is_kept(self):
        with Server(self.folder, "--keep", "none", "--workers", 0) as server:
            self.run_schemathesis(server, "--exclude-checks", "ignored_auth", phases="coverage", examples=1)


if __name__ == "__main__":
    unittest.main()
