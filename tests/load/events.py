#!/usr/bin/env python3
"""events.py PROGRAM PACK [--seconds S]: how long an event takes to its subscribers, at 20 frames a second.

200 subscribers to /api/events, 50 of which do not read. Printed are the times from an event's own time (before its
commit) to its arrival, and the server's memory. Exit 1 if 99 % take longer than 100 ms, if an event is missing or comes
out of order, or if a frame was not taken. Everything is on loopback and ends by itself.
"""
import argparse
import collections
import http.client
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from event_stream import Readers, Subscriber  # noqa: E402
from load import process_memory, start_server  # noqa: E402

PHOTOS = pathlib.Path(__file__).resolve().parent.parent.parent / ".cache" / "photos"
QUICK, SLOW = 150, 50
FRAMES_PER_SECOND = 20
WITHIN_S = 0.1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("pack")
    parser.add_argument("--seconds", type=int, default=15)
    arguments = parser.parse_args()
    photo = sorted((PHOTOS / "train" / "madonna").glob("*.jpg"))[6].read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        server, port, _ = start_server(arguments.program, arguments.pack, pathlib.Path(folder))
        try:
            slow = [Subscriber(port, receive_buffer=2048) for _ in range(SLOW)]
            quick = [Subscriber(port, keep=False) for _ in range(QUICK)]
            statuses = collections.Counter()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            with Readers(quick):
                begin = time.monotonic()
                frames = arguments.seconds * FRAMES_PER_SECOND
                for number in range(frames):
                    time.sleep(max(0.0, begin + number / FRAMES_PER_SECOND - time.monotonic()))
                    connection.request("POST", f"/?camera=door&request_id={number}&filename=a.jpg", body=photo,
                                       headers={"content-type": "image/jpeg"})
                    response = connection.getresponse()
                    response.read()
                    statuses[response.status] += 1
                rate = frames / (time.monotonic() - begin)
                end = time.monotonic() + 20
                # What a visit brings may be under way to some of them at any time: what they have at one is compared.
                received = [tuple(subscriber.ids) for subscriber in quick]
                while time.monotonic() < end and not (len(received[0]) >= frames and len(set(received)) == 1):
                    time.sleep(0.1)
                    received = [tuple(subscriber.ids) for subscriber in quick]
            memory = process_memory(server.pid, "VmHWM")
            for subscriber in slow + quick:
                subscriber.close()
        finally:
            server.terminate()
            server.wait(30)
    delays = sorted(delay for subscriber in quick for delay in subscriber.delays)
    if not delays:
        sys.exit("events: none came")
    slowest = delays[len(delays) * 99 // 100]
    print(f"events: {rate:.1f} frames a second, {len(delays)} events at {QUICK} subscribers beside {SLOW} that do not read: "
          f"median {delays[len(delays) // 2] * 1000:.0f} ms, 99 % {slowest * 1000:.0f} ms, longest {delays[-1] * 1000:.0f} ms; "
          f"{memory >> 20} MiB at most")
    same = len(set(received)) == 1 and list(received[0]) == sorted(set(received[0]))
    if statuses[200] != frames or not same or len(received[0]) < frames:
        sys.exit(f"events: frames were answered {dict(statuses)}; every event once and in order: {same}")
    if slowest > WITHIN_S:
        sys.exit(f"events: 99 % within {slowest * 1000:.0f} ms, expected {WITHIN_S * 1000:.0f} ms")


if __name__ == "__main__":
    main()
