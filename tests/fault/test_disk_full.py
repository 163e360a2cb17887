"""The disk of `facepipe serve` fills up: it is emptied over its queues, or there is room again. A small file system in
a mount namespace of its own."""
import os
import subprocess
import time

from fault_harness import (FixedServer, Ledger, Senders, drain, enrol, post_frame, small_photographs, sqs_client)
from harness import TemporaryFolderTest, wait_until

DISK_BYTES = 40 << 20  # two stores, each with a log that may grow to 16 MB before it begins anew
# Mounts the disk, puts the gallery on it, keeps the namespace.
SETUP = 'set -e; mount -t tmpfs -o size=$1,mode=700 none "$2"; cp "$3" "$2/gallery.fpg"; echo ready; exec sleep 100000'


# The store of faces needs room to open, so a server on a disk without any starts without it.
QUEUES_ALONE = ("--keep", "none")


class SmallDisk:
    """A context manager: ends the process that holds the namespace, by its id."""

    def __init__(self, folder, gallery):
        self.mount = folder / "disk"
        self.mount.mkdir()
        self.gallery = gallery

    def __enter__(self):
        # Root needs no user namespace, and where it is confined may not have one.
        unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
        self.holder = subprocess.Popen([*unshare, "sh", "-c", SETUP, "sh", str(DISK_BYTES), self.mount, self.gallery],
                                       stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            self.__exit__()
            raise AssertionError("the small disk could not be mounted")
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()

    def enter(self):
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", "--target", str(self.holder.pid), *user, "--mount"]

    def inside(self):
        """The disk, as the namespace has it."""
        return f"/proc/{self.holder.pid}/root{self.mount}"


class ServerOnSmallDisk(FixedServer):
    def __init__(self, folder, disk, *arguments):
        self.folder, self.disk = folder, disk
        super().__init__(disk.mount, *arguments)
        self.log_path = folder / "serve.log"

    def ports_file(self):
        return self.folder / "ports"

    def command(self):
        return [*self.disk.enter(), *super().command()]


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
        with SmallDisk(self.folder, gallery) as disk, ServerOnSmallDisk(self.folder, disk) as server:
            filler = f"{disk.inside()}/filler"
            with Senders(server.frame_port, ledger, pictures, threads=2) as senders:
                wait_until(lambda: len(ledger.accepted) >= 5, "frames are accepted")
                fill(filler)
                self.send_until_refused(server, [100_000, 3_000, 100, 1])  # what is free within the store itself
                wait_until(lambda: server.request("GET", "readyz")[0] == 503, "not ready while the disk is full")
                self.assertEqual(server.request("GET", "healthz")[0], 200, "it is alive")
                self.assertEqual(self.refused(server, pictures), 503)
                accepted = len(ledger.accepted)
                os.unlink(filler)
                wait_until(lambda: server.request("GET", "readyz")[0] == 200, "ready when there is room")
                wait_until(lambda: len(ledger.accepted) >= accepted + 5, "frames are accepted again")
            drain(ledger, server.sqs_url, server.answers_url)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(ledger.check(self, "disk-full"), 0, "an answer was stored twice")
        self.assertEqual(senders.unexpected, [])

    def test_a_full_disk_is_drained(self):
        gallery = enrol(self.folder)
        ledger = Ledger()
        with SmallDisk(self.folder, gallery) as disk:
            with ServerOnSmallDisk(self.folder, disk, *QUEUES_ALONE) as server:
                self.send_frames(server, ledger, 20)
                stored = self.fill_over_sqs(server, disk)
                server.kill()
            fill(f"{disk.inside()}/second-filler")
            self.emptied_and_ready(disk, ledger, stored)
            # Once more, with a stop in between, and with a disk that was filled while nobody had the store open.
            with ServerOnSmallDisk(self.folder, disk, *QUEUES_ALONE) as server:
                stored = self.fill_over_sqs(server, disk)
                self.assertEqual(server.stop(), 0)
            fill(f"{disk.inside()}/third-filler")
            self.emptied_and_ready(disk, ledger, stored)
        self.assertEqual(ledger.check(self, "disk-drained"), 0, "an answer was stored twice")

    def send_frames(self, server, ledger, count):
        pictures = [path.read_bytes() for path in small_photographs()]
        for number in range(len(ledger.accepted), len(ledger.accepted) + count):
            status, answer = post_frame(server.frame_port, f"frame-{number}", pictures[number % len(pictures)])
            self.assertEqual(status, 200)
            ledger.sent += 1
            ledger.accept(f"frame-{number}", answer)

    def fill_over_sqs(self, server, disk):
        """Fills the disk with messages, and half-way with a stranger's file. Returns the ids."""
        stored = self.send_until_refused(server, [100_000], at_most=20)
        self.assertEqual(len(stored), 20)
        fill(f"{disk.inside()}/filler-{time.time_ns()}")
        return stored | self.send_until_refused(server, [100_000, 3_000, 100, 1])

    def send_until_refused(self, server, sizes, at_most=10_000):
        """Messages of each size until none is taken. Returns the ids."""
        from botocore.exceptions import ClientError
        sqs = sqs_client(server.sqs_url)
        url = sqs.create_queue(QueueName="backlog")["QueueUrl"]
        stored = set()
        for size in sizes:
            for _ in range(at_most):
                try:
                    stored.add(sqs.send_message(QueueUrl=url, MessageBody="x" * size)["MessageId"])
                except ClientError as error:
                    self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 503)
                    self.assertIn("full", str(error))
                    break
        return stored

    def emptied_and_ready(self, disk, ledger, stored):
        with ServerOnSmallDisk(self.folder, disk, *QUEUES_ALONE) as server:
            stored |= self.send_until_refused(server, [100_000, 1])  # what little the restart left is used up
            wait_until(lambda: server.request("GET", "readyz")[0] == 503, "not ready while the disk is full")
            self.assertEqual(self.empty(server), stored)
            drain(ledger, server.sqs_url, server.answers_url)
            wait_until(lambda: server.request("GET", "readyz")[0] == 200, "ready when it is empty")
            self.send_frames(server, ledger, 3)
            drain(ledger, server.sqs_url, server.answers_url)
            self.assertEqual(server.stop(), 0)

    def empty(self, server):
        """Receives all that the backlog has, then removes it. Returns the ids."""
        sqs = sqs_client(server.sqs_url)
        url = sqs.get_queue_url(QueueName="backlog")["QueueUrl"]
        received = {}
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"],
                                              VisibilityTimeout=600)
                received[message["MessageId"]] = message["ReceiptHandle"]
        for handle in received.values():
            sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
        return set(received)

    def refused(self, server, pictures):
        """The status of the first frame that is not accepted; what little room is left is used up first."""
        for number in range(200):
            status, answer = post_frame(server.frame_port, f"refused-{number}", pictures[number % len(pictures)])
            if status != 200:
                if status == 503:
                    self.assertIn("no space left", answer["error"])
                return status
        return 200
