"""The clock of `facepipe serve` jumps, forward and back, while it runs (libfaketime)."""
import pathlib

from fault_harness import Consumer, FixedServer, Ledger, Senders, drain, enrol, environment, small_photographs
from harness import TemporaryFolderTest, wait_until

LIBRARIES = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


class ServerWithClock(FixedServer):
    def environment(self):
        self.clock = self.data / "clock"
        if not self.clock.exists():
            self.set_clock("+0d")
        return environment() | {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set_clock(self, offset):
        path = self.data / "clock"
        part = path.with_suffix(".part")
        part.write_text(offset + "\n")
        part.replace(path)


class Clock(TemporaryFolderTest):
    def test_jumps_lose_nothing(self):
        self.assertTrue(LIBRARIES, "libfaketime is not installed: tools/setup/fault.sh")
        enrol(self.folder)
        pictures = [path.read_bytes() for path in small_photographs()]
        ledger, server = Ledger(), ServerWithClock(self.folder)
        url = f"http://127.0.0.1:{server.sqs_port}"
        with server, Senders(server.frame_port, ledger, pictures) as senders:
            with Consumer(ledger, url, f"{url}/000000000000/face-answers"):
                for offset in ("+3650d", "-3650d", "+1h", "+0d"):
                    before = len(ledger.accepted)
                    server.set_clock(offset)
                    wait_until(lambda: len(ledger.accepted) >= before + 4, f"frames are accepted at {offset}")
            # Set back while it is down, with frames in the queue.
            server.kill()
            server.set_clock("-3650d")
            with server:
                before = len(ledger.accepted)
                wait_until(lambda: len(ledger.accepted) >= before + 4, "frames are accepted after the restart")
                senders.stopping.set()
                senders.join()
                drain(ledger, server.sqs_url, server.answers_url)
                self.assertEqual(server.stop(), 0)
        years = {line[9:13] for line in server.log_path.read_text().splitlines() if line.startswith('{"time":"')}
        self.assertGreaterEqual(len(years), 3, "the server saw the jumps")
        self.assertEqual(ledger.check(self, "clock jumps=5"), 0, "an answer was stored twice")
        self.assertEqual(senders.unexpected, [])
