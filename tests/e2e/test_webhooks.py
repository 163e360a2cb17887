"""serve --webhook: events go out signed, in order, at least once and under one id, whatever the receiver does and
however often the server is killed."""
import concurrent.futures
import hashlib
import hmac
import http.server
import json
import os
import sqlite3
import ssl
import threading
import time
import unittest
import uuid

from harness import ACCOUNT, Server, TemporaryFolderTest, environment, facepipe, make_certificate, photographs, wait_until
from test_serve import messages_on

SECRET = "a secret of the test"


class Receiver:
    """An HTTP server on loopback that answers as `script(number of the request)` says: (status, headers, delay); by TLS with
    `certificate`, whose key lies beside it."""

    def __init__(self, script=lambda number: (200, {}, 0), port=0, certificate=None):
        self.requests, self.taken = [], []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append((self.headers, body))
                status, headers, delay = script(len(receiver.requests))
                time.sleep(delay)
                if status < 300:
                    receiver.taken.append((self.headers, body))
                try:
                    self.send_response(status)
                    for name, value in {"content-length": "0", **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                except (BrokenPipeError, ConnectionResetError):  # a server that was killed
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.handle_error = lambda *_: None  # a handshake that was refused
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        scheme, host = ("http", "127.0.0.1") if certificate is None else ("https", "localhost")
        self.url = f"{scheme}://{host}:{self.server.server_port}/hook?token=not-to-be-logged"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def keys(self):
        return [headers["x-facepipe-event-id"] for headers, _ in self.taken]


class TrustingServer(Server):
    """Trusts the one certificate."""

    certificate = None

    def environment(self):
        return environment() | {"SSL_CERT_FILE": str(self.certificate)}


class Webhooks(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        self.data.mkdir()
        self.secret_file = self.folder / "secret"
        self.secret_file.write_text(SECRET + "\n")
        facepipe("people", "add", "--data", self.data, "--largest", "Madonna", *photographs("train", "madonna")[:3])
        self.photo = photographs("val", "madonna")[0].read_bytes()
        self.before = len(self.all_events())  # of the enrolment: nobody had subscribed

    def server(self, receiver, *more):
        return Server(self.data, "--webhook", receiver.url, "--webhook-secret-file", self.secret_file, *more)

    def send(self, server, camera):
        query = f"?camera={camera}&filename=x.jpg&request_id={uuid.uuid4()}"
        status, _, answer = server.request(path=query, body=self.photo, headers={"content-type": "image/jpeg"})
        self.assertIn(status, (200, 202), answer)

    def all_events(self):
        """Keys and types as the store has them; of a stopped server."""
        with sqlite3.connect(self.data / "faces.db") as database:
            return list(database.execute("SELECT key, type FROM event ORDER BY id"))

    def stored_events(self):
        """Those since the first server, which has the webhook."""
        return self.all_events()[self.before:]

    def test_events_are_signed_and_come_in_order(self):
        with Receiver() as receiver, self.server(receiver) as server:
            for number in range(3):
                self.send(server, f"camera-{number}")
            wait_until(lambda: len(receiver.taken) >= 3, "events at the receiver")
            self.assertEqual(server.stop(), 0)
            log = server.log_path.read_text()
            self.assertNotIn("not-to-be-logged", log)
            self.assertNotIn(SECRET, log)
            taken = list(receiver.taken)  # a delivery that the stop cut off may still be on its way in
            for headers, body in taken:
                self.assertEqual(headers["content-type"], "application/json")
                time_part, signature = headers["x-facepipe-signature"].split(",")
                unix = time_part.removeprefix("t=")
                self.assertLess(abs(time.time() - int(unix)), 60)
                wanted = hmac.new(SECRET.encode(), f"{unix}.".encode() + body, hashlib.sha256).hexdigest()
                self.assertEqual(signature, "v1=" + wanted)
                event = json.loads(body)
                self.assertEqual(event["id"], headers["x-facepipe-event-id"])
                self.assertLessEqual({"id", "type", "time", "data"}, event.keys())
            stored = [key for key, _ in self.stored_events()]
            self.assertEqual([headers["x-facepipe-event-id"] for headers, _ in taken], stored[:len(taken)])

    def test_what_fails_is_tried_again_and_nothing_overtakes_it(self):
        answers = {1: (500, {}, 0), 2: (429, {"retry-after": "1"}, 0), 3: (302, {"location": "http://127.0.0.1:1/"}, 0)}
        with Receiver(lambda number: answers.get(number, (204, {}, 0))) as receiver, self.server(receiver) as server:
            self.send(server, "door")
            wait_until(lambda: receiver.taken, "delivered in the end")
            self.send(server, "yard")
            wait_until(lambda: len(receiver.taken) >= 2, "the next one")
            ids = [headers["x-facepipe-event-id"] for headers, _ in receiver.requests]
            self.assertEqual(len(set(ids[:4])), 1, "one id at every try")
            self.assertEqual(server.stop(), 0)

    def test_by_tls_a_receiver_is_known_by_its_certificate(self):
        for name in ("own", "other"):
            make_certificate(self.folder, name)
        own = self.folder / "own.pem"
        with Receiver(certificate=own) as receiver:
            server = TrustingServer(self.data, "--webhook", receiver.url, "--webhook-secret-file", self.secret_file)
            server.certificate = self.folder / "other.pem"
            with server:
                self.send(server, "door")
                wait_until(lambda: "certificate" in server.log_path.read_text(), "the refusal in the log")
                self.assertEqual(receiver.requests, [])
                self.assertEqual(server.stop(), 0)
            server.certificate = own
            with server:
                wait_until(lambda: receiver.taken, "delivered once it is trusted", 120)
                self.assertEqual(server.stop(), 0)

    def test_a_receiver_that_is_slow_or_wants_nothing_holds_up_no_frames(self):
        answering = threading.Event()

        def script(_):
            answering.wait(120)
            return 410, {}, 0

        with Receiver(script) as receiver, self.server(receiver) as server:
            self.send(server, "camera-0")
            wait_until(lambda: receiver.requests, "the receiver keeps an event waiting")
            for number in range(1, 5):
                self.send(server, f"camera-{number}")
            server.take_answers(5)
            answering.set()
            wait_until(lambda: "event_given_up" in server.log_path.read_text(), "given up")
            self.assertEqual(server.stop(), 0)
        with sqlite3.connect(self.data / "faces.db") as database:
            dead = database.execute("SELECT count(*) FROM delivery WHERE dead = 1").fetchone()[0]
        self.assertGreater(dead, 0)
        self.assertIn("given up", facepipe("doctor", "--data", self.data, check=False).stdout)

    def test_killed_under_load_every_event_arrives_under_one_id(self):
        """The kills: 3, or as many as KILLS says."""
        kills = int(os.environ.get("KILLS", "3"))
        with Receiver(lambda number: (503, {}, 0) if number % 7 == 0 else (200, {}, 0)) as receiver:
            lasting = ("--visit-timeout", 3000)  # no visit ends, and is told of, when all is counted
            for kill in range(kills):
                with self.server(receiver, *lasting) as server:
                    seen = len(receiver.taken)
                    for number in range(6):
                        self.send(server, f"camera-{kill}-{number}")
                    wait_until(lambda: len(receiver.taken) > seen, "an event of this run")
                    server.kill()
            with self.server(receiver, *lasting) as server:
                sqs, requests = server.sqs(), f"{server.sqs_url}/{ACCOUNT}/face-requests"
                wait_until(lambda: self.all_arrived(sqs, requests), "every stored event at the receiver", 120)
                self.assertEqual(server.stop(), 0)
            stored = {key for key, _ in self.stored_events()}
            arrived = receiver.keys()
            print(f"{kills} kills: {len(stored)} events stored, {len(set(arrived))} arrived, "
                  f"{len(arrived) - len(set(arrived))} came twice, lost = {len(stored - set(arrived))}")
            self.assertEqual(stored - set(arrived), set())
            self.assertEqual(set(arrived) - stored, set())
            bodies = {}
            for headers, body in receiver.taken:
                self.assertEqual(bodies.setdefault(headers["x-facepipe-event-id"], body), body)

    def test_a_test_is_sent_at_once_and_tells_what_the_receiver_said(self):
        answering = threading.Event()

        def script(number):
            answering.wait(60)
            return 204 if number == 1 else 500, {}, 0

        with Receiver(script) as receiver, self.server(receiver) as server:
            _, _, outputs = server.request("GET", "api/outputs")
            output = outputs["outputs"][0]
            body = json.dumps({"output": output}).encode()
            events = len(self.all_events())
            with concurrent.futures.ThreadPoolExecutor() as pool:
                first = pool.submit(server.request, path="api/outputs/test", body=body)
                wait_until(lambda: receiver.requests, "the test is under way")
                self.assertEqual(server.request(path="api/outputs/test", body=body)[0], 429)
                answering.set()
                status, _, told = first.result()
            self.assertEqual((status, told["delivered"], told["status"], told["error"]), (200, True, 204, None), told)
            headers, sent = receiver.requests[0]
            event = json.loads(sent)
            self.assertEqual((event["id"], event["type"]), (told["id"], "test"))
            self.assertEqual(headers["x-facepipe-event-id"], told["id"])
            self.assertEqual(event["data"], {"output": output, "by": "anybody"})
            unix = headers["x-facepipe-signature"].split(",")[0].removeprefix("t=")
            wanted = hmac.new(SECRET.encode(), f"{unix}.".encode() + sent, hashlib.sha256).hexdigest()
            self.assertEqual(headers["x-facepipe-signature"], f"t={unix},v1={wanted}")
            time.sleep(2.1)  # two seconds are between two tests
            status, _, told = server.request(path="api/outputs/test", body=body)
            self.assertEqual((status, told["delivered"], told["status"]), (200, False, 500), told)
            self.assertEqual(server.request(path="api/outputs/test", body=b'{"output": "webhook of nobody"}')[0], 404)
            receiver.server.shutdown()
            receiver.server.server_close()
            time.sleep(2.1)
            status, _, told = server.request(path="api/outputs/test", body=body)
            self.assertEqual((status, told["delivered"], told["status"]), (200, False, None), told)
            self.assertTrue(told["error"])
            self.assertEqual(len(self.all_events()), events, "no test is stored")
            self.assertEqual(server.stop(), 0)
            self.assertNotIn("not-to-be-logged", server.log_path.read_text())

    def test_what_was_given_up_is_told_with_its_event(self):
        with Receiver(lambda number: (410, {}, 0)) as receiver, self.server(receiver) as server:
            self.send(server, "door")
            dead = wait_until(lambda: server.request("GET", "api/outputs")[2]["dead"], "a delivery that was given up")
            self.assertIn((dead[0]["key"], dead[0]["type"]), self.all_events())
            self.assertEqual((dead[0]["attempts"], dead[0]["error"]), (1, "HTTP status 410"))
            self.assertEqual(server.stop(), 0)

    def all_arrived(self, sqs, requests):
        """No face is still to be recognised, and told of; then the outbox is empty."""
        if messages_on(sqs, requests):
            return False
        with sqlite3.connect(f"file:{self.data / 'faces.db'}?mode=ro", uri=True) as database:
            return database.execute("SELECT count(*) FROM delivery").fetchone()[0] == 0


if __name__ == "__main__":
    unittest.main()
