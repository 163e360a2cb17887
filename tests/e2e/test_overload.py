"""What `facepipe serve` does when something runs out: descriptors, memory for bodies, readers of its log, time to stop."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import resource
import select
import signal
import socket
import ssl
import subprocess
import threading
import time

from harness import Server, TemporaryFolderTest, environment, facepipe, make_certificate, photographs, wait_until
from test_access import port_of
from test_serve import blank_jpeg, frame

GRACE_S = 10  # of `serve`
HALF_A_HEAD = b"POST / HTTP/1.1\r\nHost: local"


def allow_descriptors(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def post_headers(length):
    return f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode()


CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2000000\r\n"


class LimitedServer(Server):
    """`serve` under a shell's limit of descriptors, as `-Sn 64` or `-n 256`, and with its redirections."""

    def __init__(self, data, limit, *arguments, redirections=""):
        super().__init__(data, *arguments)
        self.limit, self.redirections = limit, redirections

    def command(self):
        return ["sh", "-c", f'ulimit {self.limit} && exec "$@" {self.redirections}', "sh", *super().command()]

    def open_descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Crowd(contextlib.ExitStack):
    """Connections that are there and ask for nothing."""

    def add(self, port, count, text=b""):
        connections = []
        for _ in range(count):
            connection = self.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            if text:
                with contextlib.suppress(OSError):  # refused already
                    connection.sendall(text)
            connections.append(connection)
        return connections


def list_queues(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/", body="Action=ListQueues&Version=2012-11-05",
                           headers={"content-type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        response.read()
        return response.status


class Descriptors(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        allow_descriptors(4096)

    def test_the_soft_limit_is_raised(self):
        with LimitedServer(self.folder, "-Sn 64", "--workers", 0) as server:
            limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
            soft, hard = re.search(r"Max open files\s+(\S+)\s+(\S+)", limits).groups()
            self.assertEqual(soft, hard)
        self.assertNotIn("connections_limited", server.log_path.read_text())

    def test_more_idle_connections_than_descriptors(self):
        picture = blank_jpeg(self.folder)
        with LimitedServer(self.folder, "-n 256", "--workers", 1) as server, Crowd() as crowd:
            for port in (port_of(server.url), port_of(server.sqs_url)):
                crowd.add(port, 200)
                crowd.add(port, 200, HALF_A_HEAD)
            for index in range(5):
                status, _, answer = server.request(body=frame(picture, f"crowded-{index}"))
                self.assertEqual((status, answer["message"]), (200, "No face detected."))
                self.assertEqual(server.request("GET", "healthz")[0], 200)
                self.assertEqual(list_queues(port_of(server.sqs_url)), 200)
            self.assertLess(server.open_descriptors(), 256)
            self.assertEqual(len(server.take_answers(5)), 5)
            # What is read again finds descriptors: people and tokens.
            facepipe("people", "--data", self.folder, "add", "--largest", "madonna", photographs("train", "madonna")[0])
            wait_until(lambda: server.request(body=frame(photographs("train", "madonna")[0], f"known-{time.time()}"))[0] == 200
                       and any(answer["result"] == "madonna" for answer in server.take_answers(1)), "the person is known")
            facepipe("token", "new", "--data", self.folder)
            wait_until(lambda: server.request(body=frame(picture, "no token"))[0] == 401, "the token is demanded")
        log = server.log_path.read_text()
        self.assertIn("connections_limited", log)
        self.assertNotIn("_failed", log)

    def test_idle_tls_handshakes_make_room_too(self):
        certificate, key = make_certificate(self.folder, "a")
        context = ssl.create_default_context(cafile=str(certificate))
        with LimitedServer(self.folder, "-n 256", "--workers", 0, "--tls-cert", certificate, "--tls-key", key) as server, \
                Crowd() as crowd:
            port = port_of(server.url)
            begin = time.monotonic()  # 10 s before the first handshake's time-out
            crowd.add(port, 200)
            crowd.add(port, 200, b"\x16\x03\x01")  # a handshake that begins
            for _ in range(5):
                connection = http.client.HTTPSConnection("localhost", port, timeout=30, context=context)
                with contextlib.closing(connection):
                    connection.request("GET", "/healthz")
                    self.assertEqual(connection.getresponse().status, 200)
            self.assertLess(time.monotonic() - begin, 10)  # none was waited for

    def test_descriptors_that_somebody_takes_away(self):
        with Server(self.folder, "--workers", 0) as server, Crowd() as crowd:
            pid, (soft, hard) = server.process.pid, resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
            crowd.add(port_of(server.sqs_url), 20)  # the other port's connections make room as well
            wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) >= 30, "the connections are there")
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{pid}/fd")), hard))
            crowd.add(port_of(server.url), 20)
            for _ in range(5):
                self.assertEqual(server.request("GET", "readyz")[0], 200)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        self.assertIn("http_accept_failed", server.log_path.read_text())

    def test_a_program_without_standard_descriptors(self):
        with LimitedServer(self.folder, "-n 256", "--workers", 0, redirections="<&- 2>&-") as server:
            self.assertEqual(server.request("GET", "readyz")[0], 200)
            for standard in (0, 2):  # nothing else may have taken their place: log lines would go there
                self.assertEqual(os.readlink(f"/proc/{server.process.pid}/fd/{standard}"), "/dev/null")
            self.assertEqual(server.stop(), 0)


class Bodies(TemporaryFolderTest):
    def test_what_slow_bodies_may_become_reserves_nothing(self):
        with Server(self.folder, "--workers", 0) as server, Crowd() as crowd:
            def peak():
                status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
                return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024
            before = peak()
            crowd.add(port_of(server.url), 100, post_headers(48_000_000) + b"abc")
            crowd.add(port_of(server.url), 100, CHUNKED + b"abc")
            crowd.add(port_of(server.sqs_url), 50, post_headers(8_000_000) + b"abc")
            for _ in range(8):  # no picture, but read whole
                status = server.request(body=b"\xff\xd8\xff" + bytes(6_000_000), headers={"content-type": "image/jpeg"})[0]
                self.assertEqual(status, 400)
            self.assertLess(peak() - before, 100 << 20)

    def test_bodies_that_are_not_quite_slow_leave_room_for_others(self):
        with Server(self.folder, "--workers", 0) as server, Crowd() as crowd:
            steady = crowd.add(port_of(server.url), 4, CHUNKED)
            stop = threading.Event()

            def drip():  # 200 KB/s each: too fast to make room for anybody
                while not stop.wait(0.1):
                    for connection in steady:
                        connection.sendall(bytes(20_000))
            thread = threading.Thread(target=drip)
            thread.start()
            try:
                for _ in range(20):
                    status = server.request(body=b"\xff\xd8\xff" + bytes(6_000_000), headers={"content-type": "image/jpeg"})[0]
                    self.assertEqual(status, 400)
            finally:
                stop.set()
                thread.join()

    def test_both_ports_have_one_bound(self):
        with Server(self.folder, "--workers", 0, "--max-body", "9mb", "--max-body-memory", "12mb") as server, \
                Crowd() as crowd:
            def frame_status():
                with contextlib.suppress(OSError):  # refused before all is sent
                    return server.request(body=bytes(8_000_000), headers={"content-type": "image/jpeg"})[0]

            # A poll holds its body for as long as it waits, and makes room for nobody.
            poll = json.dumps({"QueueUrl": server.answers_url, "WaitTimeSeconds": 20, "Padding": "x" * 6_000_000}).encode()
            head = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: %d\r\n\r\n"
            waiting, = crowd.add(port_of(server.sqs_url), 1, head % len(poll) + poll)
            wait_until(lambda: frame_status() == 503, "the poll's body leaves no room")
            server.sqs().send_message(QueueUrl=server.answers_url, MessageBody="ends the poll")
            self.assertIn(b"HTTP/1.1 200 ", waiting.recv(65536))
            # After a second without a byte the other port's body makes room; 9 s later it would be cut off without need, by 408.
            slow, = crowd.add(port_of(server.sqs_url), 1, post_headers(6_000_000) + bytes(5_900_000))
            wait_until(lambda: frame_status() == 400 and select.select([slow], [], [], 0)[0], "the slow body makes room")
            self.assertIn(b"HTTP/1.1 503 ", slow.recv(65536))


class PipeServer(Server):
    """`serve` whose log goes to a pipe that is full."""

    def __init__(self, data, *arguments):
        super().__init__(data, *arguments)
        self.reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self.filled = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self.filled += os.write(writer, b"#")
        os.set_blocking(writer, True)
        self.writer = writer
        self.log_path = pathlib.Path(f"/proc/self/fd/{writer}")

    def environment(self):
        return environment() | {"FACEPIPE_LOG_LEVEL": "debug"}

    def close(self):
        os.close(self.writer)
        if self.reader is not None:
            os.close(self.reader)
            self.reader = None


class Log(TemporaryFolderTest):
    def refuse(self, server, count):
        for _ in range(count):  # each leaves a line at level debug
            with socket.create_connection(("127.0.0.1", port_of(server.url)), timeout=30) as connection:
                connection.sendall(b"GET / HTTP/9.9\r\n\r\n")
                self.assertIn(b"HTTP/1.1 505 ", connection.recv(65536))

    def test_a_log_that_nobody_reads_stops_nothing(self):
        picture = blank_jpeg(self.folder)
        with contextlib.closing(PipeServer(self.folder, "--workers", 1)) as full, full as server:
            self.refuse(server, 50)
            status, _, answer = server.request(body=frame(picture, "a"))
            self.assertEqual((status, answer["message"]), (200, "No face detected."))
            self.assertEqual(len(server.take_answers(1)), 1)
            self.assertEqual(server.stop(), 0)

    def test_what_was_dropped_is_said_when_it_is_read_again(self):
        with contextlib.closing(PipeServer(self.folder, "--workers", 0)) as full, full as server:
            with Crowd() as crowd:
                # 1 MiB of lines: each tells of a refusal, and there are many in a connection's second.
                line_count = 0
                while line_count < 12_000:
                    connections = crowd.add(port_of(server.url), 50, b"GET / HTTP/9.9\r\n\r\n")
                    for connection in connections:
                        self.assertIn(b"505", connection.recv(65536))
                        connection.close()
                    line_count += len(connections)
            os.set_blocking(server.reader, False)
            text = b""

            def dropped():
                nonlocal text
                with contextlib.suppress(BlockingIOError):
                    while part := os.read(server.reader, 1 << 16):
                        text += part
                return b'"log_dropped"' in text and text.endswith(b"\n")
            wait_until(dropped, "the number of dropped lines")
            lines = [json.loads(line) for line in text[server.filled:].decode().splitlines()]
            notices = [line["lines"] for line in lines if line["event"] == "log_dropped"]
            self.assertEqual(sum(notices) + sum(line["event"] == "http_refused" for line in lines), line_count)
            self.assertEqual([line["time"] for line in lines], sorted(line["time"] for line in lines))

    def test_a_log_whose_reader_is_gone(self):
        with contextlib.closing(PipeServer(self.folder, "--workers", 0)) as full, full as server:
            os.close(server.reader)
            server.reader = None
            self.refuse(server, 20)
            self.assertEqual(server.request("GET", "readyz")[0], 200)
            self.assertEqual(server.stop(), 0)

    def test_a_start_that_fails_can_be_ended_though_nobody_reads_why(self):
        (self.folder / "gallery.fpg").write_bytes(b"no gallery")
        server = PipeServer(self.folder)
        with contextlib.closing(server):
            process = subprocess.Popen(server.command(), stderr=server.writer, env=server.environment())
            try:
                # It waits to say why, in a write that a signal ends.
                wait_until(lambda: process.poll() is not None or "write" in self.waiting_in(process.pid), "it complains")
                process.send_signal(signal.SIGTERM)
                self.assertIn(process.wait(60), (-signal.SIGTERM, 1))
            finally:
                process.kill()
                process.wait()

    @staticmethod
    def waiting_in(pid):
        """"write" once the main thread alone is left, in a system call on descriptor 2."""
        try:
            call = pathlib.Path(f"/proc/{pid}/syscall").read_text().split()
        except OSError:
            return ""
        return "write" if call[:2] == ["1", "0x2"] else ""


class Stop(TemporaryFolderTest):
    def stop_time(self, server):
        begin = time.monotonic()
        self.assertEqual(server.stop(), 0)
        return time.monotonic() - begin

    def long_poll(self, server, crowd, count):
        body = b"Action=ReceiveMessage&WaitTimeSeconds=20&Version=2012-11-05"
        request = (f"POST /000000000000/face-answers HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n\r\n").encode() + body
        return crowd.add(port_of(server.sqs_url), count, request)

    def test_long_polls_are_answered_at_once(self):
        with Server(self.folder, "--workers", 0) as server, Crowd() as crowd:
            polls = self.long_poll(server, crowd, 5)
            list_queues(port_of(server.sqs_url))  # one thread reads: who came before is under way
            self.assertLess(self.stop_time(server), GRACE_S)
            for poll in polls:
                self.assertIn(b"HTTP/1.1 200 ", poll.recv(65536))

    def test_every_state_of_a_connection_ends_within_the_grace(self):
        certificate, key = make_certificate(self.folder, "a")
        for tls in ((), ("--tls-cert", certificate, "--tls-key", key)):
            data = self.folder / ("tls" if tls else "plain")
            data.mkdir()
            with Server(data, "--workers", 1, *tls) as server, Crowd() as crowd:
                for port in (port_of(server.url), port_of(server.sqs_url)):
                    crowd.add(port, 3)
                    crowd.add(port, 3, b"\x16\x03\x01" if tls else HALF_A_HEAD)
                    if not tls:
                        crowd.add(port, 3, post_headers(6_000_000) + b"abc")
                        crowd.add(port, 3, CHUNKED + b"abc")
                if not tls:
                    self.long_poll(server, crowd, 3)
                    self.slow_readers(server, crowd, 3)
                self.assertLess(self.stop_time(server), 2 * GRACE_S)  # idle ones alone would stay for a minute

    def slow_readers(self, server, crowd, count):
        """Connections that have asked for megabytes and read none of them."""
        sqs = server.sqs()
        url = sqs.create_queue(QueueName="large")["QueueUrl"]
        for _ in range(10 * count):
            sqs.send_message(QueueUrl=url, MessageBody="x" * 250_000)
        body = b"Action=ReceiveMessage&MaxNumberOfMessages=10&Version=2012-11-05"
        request = (f"POST /000000000000/large HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n\r\n").encode() + body
        for _ in range(count):
            connection = crowd.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(30)
            connection.connect(("127.0.0.1", port_of(server.sqs_url)))
            connection.sendall(request)
