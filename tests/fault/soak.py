#!/usr/bin/env python3
"""soak.py: `facepipe serve` for a long time (tools/soak.sh). First the test of kills with SOAK_KILLS kills, then
SOAK_MINUTES of frames of every size, 1 in 20 of them hostile: each is answered with the status that it must have, every
accepted one gets its answers, the resident memory and the descriptors stay what they were after the warm-up. They are read
while the senders pause, once a minute: a large picture that is being worked on is no growth.

Prints a line a minute and at the end `soak: minutes=.. frames=.. rss_first_mib=.. rss_last_mib=.. ...`. Exit 0 if all held."""
import json
import os
import pathlib
import random
import struct
import sys
import tempfile
import threading
import time
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import fault_harness as fault  # noqa: E402
from harness import PHOTOS  # noqa: E402
from png_file import flat_png, png  # noqa: E402

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
WARM_UP = float(os.environ.get("SOAK_WARM_UP_MINUTES", str(max(1.0, MINUTES / 6))))
KILLS = os.environ.get("SOAK_KILLS", "200")
HOSTILE_EVERY = 20
THREADS = 3
MEGAPIXELS = 12
ALLOWED_GROWTH = 1.05
MAX_BACKLOG = 100  # answers
SAMPLE_S = 60
SETTLE_S = 2  # for the recogniser to finish what it has
PATIENCE_S = 300  # of a client: a machine that is busy with something else is no fault of the server


def striped(width, height, colour):
    """A picture of one colour with a few bright squares: no face."""
    plain = bytes(colour) * width
    square = (bytes(colour) * 8 + b"\xff\xff\xff" * 8) * (width // 16) + bytes(colour) * (width % 16)
    return png(width, height, (square if y // 8 % 2 else plain for y in range(height)), level=1)


def bomb():
    """A PNG that says it has 60,000 x 60,000 pixels."""
    picture = bytearray(flat_png(64, 64, (1, 2, 3)))
    picture[16:24] = struct.pack(">II", 60_000, 60_000)
    picture[29:33] = struct.pack(">I", zlib.crc32(bytes(picture[12:29])))
    return bytes(picture)


def hostile_frames():
    """(name, content type, body): all of them must get a 400."""
    jpeg = (PHOTOS / "val" / "madonna").glob("*.jpg")
    jpeg = next(iter(sorted(jpeg))).read_bytes()
    return [("cut short", "image/jpeg", jpeg[:200]), ("noise", "image/jpeg", random.Random(1).randbytes(50_000)),
            ("bomb", "image/png", bomb()), ("empty", "image/jpeg", b""),
            ("deep json", "application/json", b"[" * 100_000), ("no json", "application/json", b"\xff\xfe" * 1000),
            ("no image", "application/json", json.dumps({"request_id": "r", "filename": "f", "content": "AAAA"}).encode()),
            ("bad base64", "application/json",
             json.dumps({"request_id": "r", "filename": "f", "content": "!" * 1000}).encode())]


def good_frames(choice):
    """Encoded pictures from 64x64 to 12 megapixels; the photographs are the small ones."""
    frames = [path.read_bytes() for path in fault.small_photographs()]
    sizes = [(64, 64), (65, 301), (320, 240), (640, 480), (1280, 720), (1920, 1080), (4000, 3000)]
    assert sizes[-1][0] * sizes[-1][1] == MEGAPIXELS * 1_000_000
    drawn = [striped(width, height, [choice.randrange(200) for _ in range(3)]) for width, height in sizes]
    # Large ones are rare, as in life: a 12-megapixel frame costs as much as forty small ones.
    return frames, drawn


class Load:
    """Threads that send; what they saw. The answers are taken by a fault.Consumer."""

    def __init__(self, port, ledger):
        self.port, self.ledger = port, ledger
        self.stopping, self.pausing = threading.Event(), threading.Event()
        self.parked = threading.Semaphore(0)
        self.go_on = threading.Barrier(THREADS + 1)
        self.unexpected, self.frames, self.hostile = [], 0, 0
        choice = random.Random(fault.SEED)
        self.small, self.drawn = good_frames(choice)
        self.bad = hostile_frames()
        self.threads = [threading.Thread(target=self.run, args=(i,)) for i in range(THREADS)]

    def run(self, number):
        choice = random.Random(fault.SEED * 100 + number)
        count = 0
        while not self.stopping.is_set():
            if self.pausing.is_set():
                self.parked.release()
                self.go_on.wait()
            count += 1
            try:
                if count % HOSTILE_EVERY == 0:
                    self.send_hostile(choice)
                else:
                    self.send_good(choice, f"soak-{number}-{count}")
            except OSError as error:
                self.unexpected.append(repr(error))
                time.sleep(0.5)

    def pause(self):
        """Returns when no frame is on its way; resume() ends it."""
        self.pausing.set()
        for _ in range(THREADS):
            if not self.parked.acquire(timeout=PATIENCE_S):
                raise AssertionError(f"a frame took longer than {PATIENCE_S} s")

    def resume(self):
        self.pausing.clear()
        self.go_on.wait(PATIENCE_S)

    def send_good(self, choice, request_id):
        # Detection is quicker than recognition: without a bound the queue would grow for as long as this runs.
        while self.ledger.backlog() > MAX_BACKLOG and not self.stopping.is_set():
            time.sleep(0.1)
        draw = choice.random()
        if draw < 0.85:
            picture = choice.choice(self.small)
        else:
            picture = self.drawn[-1] if draw > 0.99 else choice.choice(self.drawn[:-1])
        with self.ledger.lock:
            self.ledger.sent += 1
            self.ledger.tries += 1
        while True:
            status, answer = fault.post_frame(self.port, request_id, picture, timeout=PATIENCE_S)
            if status != 429:
                break
            time.sleep(0.2)
        self.frames += 1
        if status == 200:
            self.ledger.accept(request_id, answer)
        else:
            self.unexpected.append((status, answer))

    def send_hostile(self, choice):
        import http.client
        name, kind, body = choice.choice(self.bad)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("POST", "/?request_id=hostile&filename=f", body=body, headers={"content-type": kind})
            response = connection.getresponse()
            text = response.read()
            self.hostile += 1
            if response.status not in (400, 429):
                self.unexpected.append((name, response.status, text[:200]))
        finally:
            connection.close()


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def watch(server, load, samples, end):
    """A sample (minutes, resident MiB, descriptors, peak MiB so far) and a line a minute until `end`."""
    begin, peak = time.monotonic(), 0.0
    while time.monotonic() < end and server.process.poll() is None:
        minute_end = min(end, time.monotonic() + SAMPLE_S)
        while time.monotonic() < minute_end:
            time.sleep(1)
            peak = max(peak, resident_mib(server.process.pid))
        load.pause()
        time.sleep(SETTLE_S)
        samples.append(((time.monotonic() - begin) / 60, resident_mib(server.process.pid),
                        descriptors(server.process.pid), peak))
        load.resume()
        print(f"soak: minute {samples[-1][0]:.0f}: frames={load.frames} hostile={load.hostile} "
              f"rss_mib={samples[-1][1]:.1f} rss_peak_mib={peak:.1f} descriptors={samples[-1][2]} "
              f"unexpected={len(load.unexpected)}", flush=True)


class Soak(unittest.TestCase):
    def test_kills(self):
        os.environ["FAULT_KILLS"] = KILLS
        import test_kill
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromModule(test_kill).run(result)
        self.assertEqual(result.errors + result.failures, [])

    def test_mixed_frames(self):
        with tempfile.TemporaryDirectory() as name:
            self.mixed_frames(pathlib.Path(name))

    def mixed_frames(self, folder):
        fault.enrol(folder)
        ledger, server = fault.Ledger(), fault.FixedServer(folder)
        samples = []
        with server:
            load = Load(server.frame_port, ledger)
            with fault.Consumer(ledger, server.sqs_url, server.answers_url):
                for thread in load.threads:
                    thread.start()
                watch(server, load, samples, time.monotonic() + MINUTES * 60)
                load.stopping.set()
                for thread in load.threads:
                    thread.join(PATIENCE_S)
            fault.drain(ledger, server.sqs_url, server.answers_url)
            self.assertEqual(server.stop(), 0)
        warm = [sample for sample in samples if sample[0] >= WARM_UP]
        self.assertGreaterEqual(len(warm), 2, "at least two samples after the warm-up")
        (_, first, first_fd, _), (_, last, last_fd, peak) = warm[0], warm[-1]
        print(f"soak: minutes={MINUTES:g} frames={load.frames} hostile={load.hostile} accepted={len(ledger.accepted)} "
              f"answered={len(ledger.answers)} lost={len(ledger.missing())} rss_first_mib={first:.1f} rss_last_mib={last:.1f} "
              f"growth={100 * (last / first - 1):.1f}% rss_peak_mib={peak:.1f} "
              f"descriptors_first={first_fd} descriptors_last={last_fd} unexpected={len(load.unexpected)} "
              f"seed={fault.SEED}", flush=True)
        ledger.check(self, "soak")
        self.assertEqual(load.unexpected, [])
        self.assertLessEqual(last, first * ALLOWED_GROWTH, "the resident memory grew")
        self.assertLessEqual(last_fd, first_fd + 2, "descriptors leak")


if __name__ == "__main__":
    unittest.main(verbosity=2)
