"""The disk of `facepipe serve` fills up, and there is room again: a small file system in a mount namespace of its own."""
import os
import time

from fault_harness import FixedServer, Ledger, Senders, drain, enrol, environment, post_frame, small_photographs
from harness import TemporaryFolderTest, wait_until

DISK_BYTES = 24 << 20
# Mounts the disk, puts the gallery on it, becomes the server.
SETUP = 'set -e; mount -t tmpfs -o size=$1,mode=700 none "$2"; cp "$3" "$2/gallery.fpg"; shift 3; exec "$@"'


class ServerOnSmallDisk(FixedServer):
    def __init__(self, folder, gallery, *arguments):
        self.folder, self.gallery = folder, gallery
        data = folder / "disk"
        data.mkdir()
        super().__init__(data, *arguments)
        self.log_path = folder / "serve.log"

    def ports_file(self):
        return self.folder / "ports"

    def command(self):
        # Root needs no user namespace, and where it is confined may not have one.
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
        return [*unshare, "sh", "-c", SETUP, "sh", str(DISK_BYTES), str(self.data), str(self.gallery),
                *super().command()]

    def inside(self):
        """The disk, as the server's mount namespace has it."""
        return f"/proc/{self.process.pid}/root{self.data}"


def fill(path):
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 512):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


class DiskFull(TemporaryFolderTest):
    def test_frames_get_503_until_there_is_room(self):
        gallery = enrol(self.folder)
        pictures = [path.read_bytes() for path in small_photographs()]
        ledger = Ledger()
        with ServerOnSmallDisk(self.folder, gallery) as server:
            filler = f"{server.inside()}/filler"
            with Senders(server.frame_port, ledger, pictures, threads=2) as senders:
                wait_until(lambda: len(ledger.accepted) >= 5, "frames are accepted")
                fill(filler)
                wait_until(lambda: server.request("GET", "readyz")[0] == 503, "not ready while the disk is full")
                self.assertEqual(server.request("GET", "healthz")[0], 200, "it is alive")
                self.assertEqual(self.refused(server, pictures), 503)
                accepted = len(ledger.accepted)
                time.sleep(1)
                self.assertLessEqual(len(ledger.accepted) - accepted, len(senders.threads), "refused while it is full")
                os.unlink(filler)
                wait_until(lambda: server.request("GET", "readyz")[0] == 200, "ready when there is room")
                wait_until(lambda: len(ledger.accepted) >= accepted + 5, "frames are accepted again")
            drain(ledger, server.sqs_url, server.answers_url)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(ledger.check(self, "disk-full"), 0, "an answer was stored twice")
        self.assertEqual(senders.unexpected, [])

    def refused(self, server, pictures):
        """The status of the first frame that is not accepted; what little room is left is used up first."""
        for number in range(200):
            status, answer = post_frame(server.frame_port, f"refused-{number}", pictures[number % len(pictures)])
            if status != 200:
                if status == 503:
                    self.assertIn("no space left", answer["error"])
                return status
        return 200
