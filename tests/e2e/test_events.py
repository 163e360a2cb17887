"""Server-sent events: in order, resumed, and never at the cost of frames."""
import os
import pathlib
import time
import unittest

from event_stream import Readers, Subscriber
from harness import Server, TemporaryFolderTest, facepipe, photographs, wait_until
from test_access import port_of

QUICK, SLOW = 150, 50
FRAMES = 250


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Events(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        photos = photographs("train", "madonna")
        facepipe("people", "--data", self.folder, "add", "--largest", "Madonna", *photos[:4])
        self.photo = photos[6].read_bytes()

    def send(self, server, number, camera="door"):
        status, _, answer = server.request(path=f"api/frames?camera={camera}&request_id={number}", body=self.photo,
                                           headers={"content-type": "image/jpeg"})
        self.assertEqual(status, 202, answer)

    def test_in_order_filtered_and_resumed(self):
        with Server(self.folder) as server:
            port = port_of(server.url)
            every, visits = Subscriber(port), Subscriber(port, "?types=person.added,%20visit")
            self.assertIn(b"content-type: text/event-stream", every.head.lower())
            with Readers([every, visits]):
                for number in range(4):
                    self.send(server, number)
                wait_until(lambda: len([e for e in every.events if e["type"] == "face.seen"]) == 4, "four faces")
                wait_until(lambda: any(e["type"] == "visit.named" for e in visits.events), "a name")
            self.assertEqual(every.ids, sorted(set(every.ids)))
            self.assertTrue(all(event["type"].startswith("visit.") for event in visits.events))
            self.assertEqual(len({event["key"] for event in every.events}), len(every.events))
            # As a browser that comes back: behind what it saw last, whether it was away or the server.
            last = every.ids[0]
            every.close()
            visits.close()
            again = Subscriber(port, headers=f"Last-Event-ID: {last}\r\n")
            with Readers([again]):
                wait_until(lambda: again.ids[:len(every.ids) - 1] == every.ids[1:], "what it missed")
            again.close()
        with Server(self.folder) as server:
            again = Subscriber(port_of(server.url), f"?last_event_id={last}")
            ahead = Subscriber(port_of(server.url), "?last_event_id=1000000")
            with Readers([again, ahead]):
                wait_until(lambda: again.ids[:len(every.ids) - 1] == every.ids[1:], "what it missed")
                # What happens from then on, as the end of a visit, comes behind it.
                wait_until(lambda: ahead.ids[:1] == ["reset"], "that it cannot go on from there")
                began = time.monotonic()
                self.assertEqual(server.stop(), 0)
                self.assertLess(time.monotonic() - began, 10, "streams do not hold up a stop until its grace is over")
                wait_until(lambda: again.closed and ahead.closed, "the streams have ended")

    def test_subscribers_that_do_not_read_hold_up_nobody(self):
        with Server(self.folder) as server:
            port = port_of(server.url)
            self.send(server, "first")
            slow = [Subscriber(port, receive_buffer=2048) for _ in range(SLOW)]
            quick = [Subscriber(port, keep=False) for _ in range(QUICK)]
            self.assertEqual({subscriber.status for subscriber in slow + quick}, {200})
            before = resident_bytes(server.process.pid)
            with Readers(quick):
                for number in range(FRAMES):
                    self.send(server, number)
                    time.sleep(0.02)
                # Events of every frame reach who reads, each once and in order.
                most = wait_until(lambda: (len(set(map(lambda q: tuple(q.ids), quick))) == 1
                                           and len(quick[0].ids) >= FRAMES) and quick[0].ids, "the same events for all")
                self.assertEqual(most, sorted(set(most)))
                growth = resident_bytes(server.process.pid) - before
                self.assertLess(growth, 64 << 20)
                # Who does not read loses its connection; the others stay.
                wait_until(lambda: self.subscribers(server) == QUICK, "the slow ones are gone")
                self.assertFalse(any(subscriber.closed for subscriber in quick))
                delays = sorted(delay for subscriber in quick for delay in subscriber.delays)
                print(f"{len(delays)} events at {QUICK} subscribers: median {delays[len(delays) // 2] * 1000:.0f} ms, "
                      f"99 % {delays[len(delays) * 99 // 100] * 1000:.0f} ms after they happened; "
                      f"{growth >> 20} MiB more memory")
            for subscriber in slow + quick:
                subscriber.close()

    def subscribers(self, server):
        return server.request("GET", "api/system")[2]["subscribers"]


if __name__ == "__main__":
    unittest.main()
