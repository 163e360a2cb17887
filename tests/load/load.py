#!/usr/bin/env python3
"""load.py PROGRAM PACK [--seconds S]: `facepipe serve` under 500 connections with bodies of 6 MB, half of them slow.

One well-behaved camera sends a frame of 1280x720 now and then, first alone, then beside the flood. Printed are the counts
of both, the server's peak memory, and the ratio of the camera's times. Exit 1 if the server ended, if the camera's median
time is more than twice what it was alone, if any of its frames was not taken, if memory passed its bound, or if
descriptors were left open. Everything is on loopback and ends by itself within 60 s.

The flood stands for other machines, so it runs at the lowest priority: what is measured is how the server shares itself,
not how the kernel shares the processors between server and flood. Its clients are of three kinds:
  fast    125 connections that send a whole frame of 6 MB and obey Retry-After
  rude    125 that do not, and come back after 0.1 s
  slow    250 that send a byte every 0.3 s, and come back when they are cut off
"""
import argparse
import asyncio
import collections
import http.client
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from png_file import png  # noqa: E402

BODY = 6_000_000
FAST, RUDE, SLOW = 125, 125, 250
PAUSE_S = 0.1  # between the camera's frames
ALONE_FRAMES = 30
WARM_UP_S = 3  # of the flood, before the camera is measured beside it
MAX_RATIO = 2.0
BODY_MEMORY = 256 << 20  # serve's --max-body-memory
# What decoding and detecting may need on top, and the heap keeps: 2 threads with frames of 1280x720, and buffers of
# connections.
OTHER_MEMORY = 192 << 20


def wall(width, height):
    """A picture without a face, smooth as a wall is."""
    return png(width, height, (b"".join(bytes((90 + x // 20, 110 + y // 12, 130)) for x in range(width)) for y in range(height)))


def head(camera, request_id, length):
    return (f"POST /?camera={camera}&request_id={request_id}&filename=a.png HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: image/png\r\nContent-Length: {length}\r\n\r\n").encode()


async def read_status(reader):
    """The response's status, "closed" where none came."""
    try:
        return await read_response(reader)
    except (OSError, asyncio.IncompleteReadError):
        return "closed"


async def read_response(reader):
    line = await reader.readline()
    status = line.split(b" ")[1].decode() if line.startswith(b"HTTP/") else "closed"
    length = 0
    while (header := await reader.readline()).strip():
        if header.lower().startswith(b"content-length:"):
            length = int(header.split(b":")[1])
    await reader.readexactly(length)
    return status


class Flood:
    """Runs in a process of its own; writes its counts as JSON when it is told to end."""

    def __init__(self, port, frame):
        self.port = port
        self.frame = frame + bytes(BODY - len(frame))
        self.counts = collections.Counter()

    async def one(self, kind):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.counts[kind + " connected"] += 1
        status = "closed"
        try:
            # An id of its own each: a frame that came before is known and costs nothing.
            writer.write(head("flood", f"{kind}{sum(self.counts.values())}", BODY))
            if kind == "slow":
                answer = asyncio.ensure_future(read_status(reader))
                while not answer.done():
                    writer.write(b"\0")
                    await writer.drain()
                    await asyncio.wait([answer], timeout=0.3)
                status = answer.result()
            else:
                answer = asyncio.ensure_future(read_status(reader))
                for start in range(0, BODY, 1 << 18):
                    if answer.done():
                        break
                    writer.write(self.frame[start:start + (1 << 18)])
                    await writer.drain()
                status = await answer
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
        self.counts[f"{kind} {status}"] += 1
        return status

    async def client(self, kind):
        while True:
            try:
                status = await self.one(kind)
            except OSError:
                self.counts[kind + " not connected"] += 1
                status = "closed"
            if status != "200":
                await asyncio.sleep(0.1 if kind == "rude" else 1.0)

    async def run(self):
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        clients = [asyncio.ensure_future(self.client(kind))
                   for kind, count in (("fast", FAST), ("rude", RUDE), ("slow", SLOW)) for _ in range(count)]
        await stop.wait()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)


def flood_main(port, frame_file):
    os.nice(19)
    flood = Flood(port, pathlib.Path(frame_file).read_bytes())
    asyncio.run(flood.run())
    print(json.dumps(flood.counts))


class Camera:
    """Sends frames one after the other on one connection, as a camera does."""

    def __init__(self, port, frame):
        self.port, self.frame = port, frame
        self.connection = None
        self.statuses = collections.Counter()
        self.refusals = collections.Counter()  # what those that were not taken were told

    def send(self):
        begin = time.monotonic()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            request_id = f"calm{sum(self.statuses.values())}"
            self.connection.request("POST", f"/?camera=calm&request_id={request_id}&filename=a.png", body=self.frame,
                                    headers={"content-type": "image/png"})
            response = self.connection.getresponse()
            answer = response.read()
            self.statuses[response.status] += 1
            if response.status != 200:
                self.refusals[answer[:200]] += 1
        except (OSError, http.client.HTTPException) as error:
            self.statuses[type(error).__name__] += 1
            self.connection.close()
            self.connection = None
        return time.monotonic() - begin

    def times(self, until):
        times = []
        while not until(times):
            times.append(self.send())
            time.sleep(PAUSE_S)
        return times


def process_memory(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(field)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def start_server(program, pack, folder, *options):
    """(process, port of frames, port of the SQS API), listening."""
    ports = folder / "ports"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FACEPIPE_")}
    with open(folder / "serve.log", "w") as log:
        server = subprocess.Popen([program, "serve", "--data", str(folder / "data"), "--pack", pack, "--port", "0", "--sqs-port",
                                   "0", "--ports-file", str(ports), *options], stderr=log,
                                  env=clean | {"FACEPIPE_LOG_LEVEL": "warning"})
    end = time.monotonic() + 30
    while not ports.exists() and server.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    if not ports.exists():
        server.kill()
        sys.exit("load: the server did not start: " + (folder / "serve.log").read_text())
    values = dict(line.split("=") for line in ports.read_text().split())
    return server, int(values["port"]), int(values["sqs_port"])


def milliseconds(times):
    ordered = sorted(times)
    return f"median {1000 * statistics.median(ordered):.1f} ms, 90 % {1000 * ordered[int(0.9 * len(ordered))]:.1f} ms, " \
           f"longest {1000 * ordered[-1]:.1f} ms, {len(ordered)} frames"


def measure(server, port, frame, folder, seconds):
    """(problems, lines to print)"""
    camera = Camera(port, frame)
    camera.times(lambda times: len(times) >= 5)  # first frames fill caches
    alone = camera.times(lambda times: len(times) >= ALONE_FRAMES)
    resting, open_before = process_memory(server.pid, "VmRSS"), descriptors(server.pid)
    frame_file = folder / "frame.png"
    frame_file.write_bytes(frame)
    flood = subprocess.Popen([sys.executable, __file__, "--flood", str(port), str(frame_file)], stdout=subprocess.PIPE,
                             text=True)
    try:
        time.sleep(WARM_UP_S)
        most = 0
        end = time.monotonic() + seconds

        def until(_):
            nonlocal most
            most = max(most, descriptors(server.pid)) if server.poll() is None else most
            return time.monotonic() > end or server.poll() is not None
        beside = camera.times(until)
    finally:
        flood.terminate()
        counts = json.loads(flood.communicate(timeout=30)[0])
    problems = []
    if server.poll() is not None:
        return [f"the server ended with {server.returncode}"], []
    time.sleep(1)
    alone += camera.times(lambda times: len(times) >= ALONE_FRAMES)  # before and after: the machine may have changed
    ratio = statistics.median(beside) / statistics.median(alone)
    peak = process_memory(server.pid, "VmHWM")
    for _ in range(100):  # what the flood left is closed when the server notices
        if descriptors(server.pid) <= open_before + 5:
            break
        time.sleep(0.1)
    else:
        problems.append(f"{descriptors(server.pid) - open_before} descriptors were left open")
    if ratio > MAX_RATIO:
        problems.append(f"the camera's frames took {ratio:.2f} times as long as alone, at most {MAX_RATIO} is allowed")
    if set(camera.statuses) != {200}:
        problems.append(f"the camera's frames were not all taken: {dict(camera.statuses)} {dict(camera.refusals)}")
    bound = resting + BODY_MEMORY + OTHER_MEMORY
    if peak > bound:
        problems.append(f"memory went up to {peak >> 20} MiB, past its bound of {bound >> 20} MiB")
    lines = [f"camera alone:  {milliseconds(alone)}", f"camera beside: {milliseconds(beside)}",
             f"ratio of medians: {ratio:.2f}", f"most connections at once: {most - open_before}",
             f"memory: {resting >> 20} MiB resting, {peak >> 20} MiB at most, bound {bound >> 20} MiB",
             *(f"flood: {name}: {count}" for name, count in sorted(counts.items()))]
    return problems, lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("pack")
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server, port, _ = start_server(arguments.program, arguments.pack, folder, "--workers", "1")
        try:
            problems, lines = measure(server, port, wall(1280, 720), folder, arguments.seconds)
        finally:
            if server.poll() is None:
                server.terminate()
                server.wait(30)
        print(*lines, sep="\n")
        if server.returncode != 0:
            problems.append(f"the server's exit status was {server.returncode}")
    for problem in problems:
        print("load: " + problem, file=sys.stderr)
    print("load: " + ("failed" if problems else "passed"))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--flood":
        flood_main(int(sys.argv[2]), sys.argv[3])
    else:
        main()
