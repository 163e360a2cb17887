"""What the tests of the APIs of other servers share: their clients, run as programs of their own, and raw requests."""
import http.client
import json
import os
import subprocess

from harness import ROOT, TemporaryFolderTest, facepipe, photographs
from png_file import flat_png

CLIENTS = ROOT / "tests" / "clients"
PYTHON = ROOT / ".cache" / "venv-clients" / "bin" / "python"
NODE = ROOT / ".cache" / "clients" / "node"


def grey_picture(folder):
    """A PNG without a face."""
    file = folder / "grey.png"
    file.write_bytes(flat_png(128, 128, (128, 128, 128)))
    return file


class ForeignTest(TemporaryFolderTest):
    """With two people's photographs, and a picture without a face."""

    def setUp(self):
        super().setUp()
        madonna = photographs("val", "madonna")
        self.madonna = [madonna[0], madonna[2], madonna[3]]  # the first two are alike
        self.elton = photographs("val", "elton_john")[0]
        self.grey = grey_picture(self.folder)


def new_key(data, role="manage"):
    return facepipe("token", "new", "--data", data, "--uuid", "--role", role, "--name", "client").stdout.strip()


def port_of(server):
    return server.url.rsplit(":", 1)[1].strip("/")


def run_client(script, *arguments, older=False):
    """What the client's calls gave: the JSON of its last line."""
    environment = dict(os.environ, CLIENTS=str(ROOT / ".cache" / "clients"), MPLBACKEND="Agg")
    if older:
        environment["PYTHONPATH"] = str(ROOT / ".cache" / "venv-clients" / "older")
    program = NODE if script.endswith(".mjs") else PYTHON
    done = subprocess.run([program, CLIENTS / script, *map(str, arguments)], env=environment, capture_output=True,
                          text=True, timeout=300)
    if done.returncode != 0:
        raise AssertionError(f"{script}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.rstrip().splitlines()[-1])


def raw(server, method, path, body=b"", headers=None):
    """Status, headers (lower-case) and body of one request, byte for byte as it is told here."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port_of(server)), timeout=120)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def form(fields, pictures, boundary="edge"):
    """The body of a multipart form. pictures: (name, bytes)."""
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]
    parts += [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="x.jpg"\r\n\r\n'.encode()
              + content + b"\r\n" for name, content in pictures]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()
