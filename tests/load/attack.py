#!/usr/bin/env python3
"""attack.py PROGRAM PACK [--seconds S]: `facepipe serve` with its default options under every kind of request that takes
more than it brings, all at once, beside one camera that sends a frame of 1.5 MB now and then.

  connections  1,100 that say nothing, on both ports
  chunks       8 bodies in chunks that never end, a chunk a second
  forms        4 bodies of 8 MiB `a&a&a...` to the SQS port, again and again
  faces        batches of 16 face messages, each a picture of 50 megapixels in 154 KB
  frames       pictures of 50 megapixels (flat, and in progressive passes) and of 12 that are tiled with small faces

Printed are the server's peak memory, the camera's times, what the attack was answered, and how long the server took to
end when it was told to in the middle of it. Exit 1 if the server ended by itself, if memory passed 1.2 GiB, if a frame of
the camera took longer than twice its usual time and a second or was not taken, or if the end took longer than the
server's grace and a second. Everything is on loopback and ends by itself.

The attack stands for other machines, so it runs at the lowest priority (load.py says why).
"""
import argparse
import base64
import collections
import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import hostile_pictures
from load import Camera, milliseconds, process_memory, start_server

PHOTOS = pathlib.Path(__file__).resolve().parent.parent.parent / ".cache" / "photos"
IDLE_CONNECTIONS = 1_100
MAX_MEMORY = 1_228 << 20  # 1.2 GiB
STOP_GRACE_S = 10
ALONE_FRAMES = 10
WARM_UP_S = 5
FACE_QUEUE = "face-requests"


def make_pictures(program, pack, folder):
    tile = hostile_pictures.face_tile(program, pack, sorted((PHOTOS / "val" / "madonna").glob("*.jpg"))[0])
    flat = hostile_pictures.empty_png(50)
    noise = random.Random(2).randbytes(3 * 64)
    pictures = {
        "flat.png": flat,
        "faces12.jpg": hostile_pictures.jpeg(*hostile_pictures.tiled(tile, 4000, 3000)),
        "faces50.jpg": hostile_pictures.jpeg(*hostile_pictures.tiled(tile, 8000, 6250)),
        "passes.jpg": hostile_pictures.jpeg(8000, 6250, [noise * 125] * 6250, "-progressive"),
        "calm.png": hostile_pictures.noise_png(1280, 720, 1_500_000),
    }
    for name, content in pictures.items():
        (folder / name).write_bytes(content)
    return {name: len(content) for name, content in pictures.items()}


class Attack:
    """Runs in a process of its own, until it is told to end; writes its counts as JSON then."""

    def __init__(self, port, sqs_port, folder):
        self.port, self.sqs_port, self.folder = port, sqs_port, folder
        self.counts = collections.Counter()
        self.stopping = threading.Event()
        self.number = 0

    def count(self, what):
        self.counts[what] += 1

    def post(self, kind, port, target, body, headers):
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                connection.request("POST", target, body=body, headers=headers)
                response = connection.getresponse()
                response.read()
                self.count(f"{kind} {response.status}")
                if response.status in (429, 503):
                    self.stopping.wait(0.2)
        except (OSError, http.client.HTTPException) as error:
            self.count(f"{kind} {type(error).__name__}")
            self.stopping.wait(0.2)

    def connections(self):
        held = []
        while not self.stopping.wait(0.5):
            held = [connection for connection in held if not self.is_closed(connection)]
            try:
                while len(held) < IDLE_CONNECTIONS and not self.stopping.is_set():
                    port = self.port if len(held) % 2 else self.sqs_port
                    held.append(socket.create_connection(("127.0.0.1", port), timeout=0.5))
                    self.count("connections opened")
            except OSError:
                self.count("connections not opened")
        for connection in held:
            connection.close()

    @staticmethod
    def is_closed(connection):
        connection.setblocking(False)
        try:
            return connection.recv(1) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def chunks(self):
        while not self.stopping.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                    connection.sendall(b"POST /?camera=chunks&request_id=c&filename=a.png HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                       b"Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
                    self.count("chunks begun")
                    while not self.stopping.wait(1):
                        connection.sendall(b"8000\r\n" + bytes(0x8000) + b"\r\n")
            except OSError:
                self.count("chunks cut off")
                self.stopping.wait(0.2)

    def forms(self):
        body = b"a&" * (4 << 20)
        while not self.stopping.is_set():
            self.post("forms", self.sqs_port, "/", body, {"content-type": "application/x-www-form-urlencoded"})

    def faces(self):
        face = base64.b64encode((self.folder / "flat.png").read_bytes()).decode()
        url = f"http://127.0.0.1:{self.sqs_port}/000000000000/{FACE_QUEUE}"
        while not self.stopping.is_set():
            for _ in range(16):
                self.number += 1
                message = json.dumps({"request_id": f"hostile{self.number}", "face": face})
                self.post("faces", self.sqs_port, "/", json.dumps({"QueueUrl": url, "MessageBody": message}),
                          {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage"})
            self.stopping.wait(1)

    def frames(self, name):
        content = (self.folder / name).read_bytes()
        while not self.stopping.is_set():
            self.number += 1
            query = urllib.parse.urlencode({"camera": name, "request_id": f"{name}{self.number}", "filename": name})
            self.post("frames " + name, self.port, "/?" + query, content, {"content-type": "image/jpeg"})

    def run(self):
        signal.signal(signal.SIGTERM, lambda *_: self.stopping.set())
        work = [self.connections, *[self.chunks] * 8, *[self.forms] * 4, *[self.faces] * 2,
                *[lambda name=name: self.frames(name) for name in ("flat.png", "faces12.jpg", "faces50.jpg", "passes.jpg")
                  for _ in range(2)]]
        threads = [threading.Thread(target=one, daemon=True) for one in work]
        for thread in threads:
            thread.start()
        self.stopping.wait(300)
        self.stopping.set()
        for thread in threads:
            thread.join(2)


def attack_main(port, sqs_port, folder):
    os.nice(19)
    attack = Attack(port, sqs_port, pathlib.Path(folder))
    attack.run()
    print(json.dumps(attack.counts), flush=True)
    os._exit(0)  # threads that wait for an answer are not waited for


def measure(server, ports, folder, seconds):
    """(problems, lines to print)"""
    camera = Camera(ports[0], (folder / "calm.png").read_bytes())
    camera.times(lambda times: len(times) >= 3)  # first frames fill caches
    alone = camera.times(lambda times: len(times) >= ALONE_FRAMES)
    resting = process_memory(server.pid, "VmRSS")
    attack = subprocess.Popen([sys.executable, __file__, "--attack", *map(str, ports), str(folder)], stdout=subprocess.PIPE,
                              text=True)
    try:
        time.sleep(WARM_UP_S)
        end = time.monotonic() + seconds
        beside = camera.times(lambda _: time.monotonic() > end or server.poll() is not None)
        if server.poll() is not None:
            return [f"the server ended with {server.returncode}"], []
        peak = process_memory(server.pid, "VmHWM")
        begin = time.monotonic()
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(120)
        ending = time.monotonic() - begin
    finally:
        attack.terminate()
        counts = json.loads(attack.communicate(timeout=60)[0])
    bound = 2 * statistics.median(alone) + 1
    problems = []
    if peak > MAX_MEMORY:
        problems.append(f"memory went up to {peak >> 20} MiB, at most {MAX_MEMORY >> 20} are allowed")
    if max(beside) > bound:
        problems.append(f"a frame of the camera took {max(beside):.2f} s, at most {bound:.2f} s are allowed")
    if set(camera.statuses) != {200}:
        problems.append(f"the camera's frames were not all taken: {dict(camera.statuses)} {dict(camera.refusals)}")
    if server.poll() is None or ending > STOP_GRACE_S + 1:
        problems.append(f"the server took {ending:.1f} s to end, at most {STOP_GRACE_S + 1} s are allowed")
    lines = [f"memory: {resting >> 20} MiB resting, {peak >> 20} MiB at most, bound {MAX_MEMORY >> 20} MiB",
             f"camera alone:  {milliseconds(alone)}", f"camera beside: {milliseconds(beside)}, bound {1000 * bound:.0f} ms",
             f"SIGTERM to exit in the middle of it: {ending:.1f} s, bound {STOP_GRACE_S + 1} s",
             *(f"attack: {name}: {count}" for name, count in sorted(counts.items()))]
    return problems, lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("pack")
    parser.add_argument("--seconds", type=float, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sizes = make_pictures(arguments.program, arguments.pack, folder)
        print("pictures: " + ", ".join(f"{name} {size} bytes" for name, size in sizes.items()))
        server, *ports = start_server(arguments.program, arguments.pack, folder)
        try:
            problems, lines = measure(server, ports, folder, arguments.seconds)
        finally:
            if server.poll() is None:
                server.kill()
                server.wait(30)
        print(*lines, sep="\n")
        if server.returncode != 0:
            problems.append(f"the server's exit status was {server.returncode}")
    for problem in problems:
        print("attack: " + problem, file=sys.stderr)
    print("attack: " + ("failed" if problems else "passed"))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--attack":
        attack_main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        main()
