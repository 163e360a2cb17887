"""What `facepipe serve` does with clients that mean no good: pages of other sites, requests that name files, floods."""
import base64
import http.client
import json
import socket
import threading
import time

from harness import ACCOUNT, Server, TemporaryFolderTest, photographs, wait_until
from hostile_pictures import grey_progressive_jpeg, stacked_jpeg
from png_file import flat_png
from test_access import port_of, raw
from test_serve import blank_jpeg, frame


class Browsers(TemporaryFolderTest):
    def test_pages_of_other_sites_and_foreign_hosts(self):
        with Server(self.folder, "--workers", 0, "--allow-origin", "https://cameras.example", "--host", "cam.local") as server:
            for port in (port_of(server.url), port_of(server.sqs_url)):
                def status(headers, method="POST", target="/"):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                    connection.request(method, target, body=b"" if method == "POST" else None, headers=headers)
                    response = connection.getresponse()
                    response.read()
                    connection.close()
                    return response.status, response
                taken = 400  # an empty body, as either port says
                own = f"127.0.0.1:{port}"
                for headers, expected in (
                        ({}, taken), ({"Host": f"localhost:{port}"}, taken), ({"Host": f"cam.local:{port}"}, taken),
                        ({"Host": "evil.example"}, 403), ({"Host": f"127.0.0.1.evil.example:{port}"}, 403),
                        ({"Origin": f"http://{own}"}, taken), ({"Origin": "http://evil.example"}, 403),
                        ({"Origin": "null"}, 403), ({"Origin": "http://127.0.0.1:1"}, 403),
                        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
                        ({"Sec-Fetch-Site": "none"}, taken), ({"Sec-Fetch-Site": "same-origin"}, taken),
                        ({"Origin": "https://cameras.example", "Sec-Fetch-Site": "cross-site"}, taken)):
                    got, response = status(headers)
                    self.assertEqual(got, expected, headers)
                    self.assertEqual(response.headers["x-content-type-options"], "nosniff")
                    self.assertEqual(response.headers["cache-control"], "no-store")
                    self.assertEqual(response.headers["referrer-policy"], "no-referrer")
                    self.assertIn("default-src 'none'", response.headers["content-security-policy"])
                    allowed = "cameras" in headers.get("Origin", "")
                    self.assertEqual(response.headers["access-control-allow-origin"],
                                     "https://cameras.example" if allowed else None)
                # A GET of an <img>, of a browser without Sec-Fetch-Site: it may look.
                if port != port_of(server.url):
                    self.assertEqual(status({}, "GET", "/?Action=ListQueues")[0], 200)
                    self.assertEqual(status({}, "GET", "/000000000000/face-answers?Action=PurgeQueue")[0], 400)
                    # The query protocol would take a GET of an <img>.
                    self.assertEqual(status({"Sec-Fetch-Site": "cross-site"}, "GET", "/?Action=ListQueues")[0], 403)
                else:  # a link to the page may stand anywhere; what the page asks for may not
                    self.assertEqual(status({"Sec-Fetch-Site": "cross-site"}, "GET", "/")[0], 200)
                    self.assertEqual(status({"Sec-Fetch-Site": "cross-site"}, "GET", "/api/people")[0], 403)
                self.assertEqual(status({"Origin": "https://cameras.example"}, "OPTIONS")[0], 204)

    def test_no_request_names_a_file(self):
        secret = self.folder / "secret.txt"
        secret.write_text("the secret itself")
        with Server(self.folder, "--workers", 0) as server:
            before = {path.relative_to(self.folder) for path in self.folder.rglob("*")}
            outside = {path.name for path in self.folder.parent.iterdir()}
            up = "../" * 12
            for target in (f"/{up}etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
                           "/secret.txt", "/access.json", "/queues.db", "/.", "/..", "/%00", "/healthz/../secret.txt",
                           "/healthz%2f..%2fsecret.txt", "/%252e%252e/secret.txt", "/\\..\\secret.txt"):
                for method in ("GET", "POST", "PUT", "DELETE"):
                    for port in (port_of(server.url), port_of(server.sqs_url)):
                        answer = raw(port, f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                                           "Content-Length: 0\r\n\r\n".encode())
                        self.assertRegex(answer, r"^HTTP/1.1 4\d\d ", (method, target))
                        self.assertNotIn("the secret itself", answer)
                        self.assertNotIn("root:", answer)
            picture = blank_jpeg(self.folder)
            before.add(picture.relative_to(self.folder))
            for name in ("../../evil", "/etc/evil", "..%2f..%2fevil", "a/b/c", "nul\0byte", "back\\slash", "-rf", "~root"):
                status, _, answer = server.request(body=frame(picture, name, filename=name))
                if "\0" in name:
                    self.assertEqual((status, answer["error"]), (400, "request_id: expected text without control characters"))
                else:
                    self.assertEqual((status, answer["message"]), (200, "No face detected."), name)
            for name in ("..%2f..%2fevil", "%2fetc%2fevil", "nul%00byte"):
                status, _, answer = server.request(path=f"?request_id={name}&filename={name}", body=picture.read_bytes(),
                                                   headers={"content-type": "image/png"})
                self.assertEqual(status, 400 if "%00" in name else 200, name)
            after = {path.relative_to(self.folder) for path in self.folder.rglob("*")}
            self.assertEqual({str(path) for path in after - before if "queues.db" not in str(path)}, set())
            self.assertNotIn("evil", {path.name for path in self.folder.parent.iterdir()} - outside)


def most_memory_mb(process):
    lines = dict(line.split(":") for line in open(f"/proc/{process.pid}/status"))
    return int(lines["VmHWM"].split()[0]) // 1024


class Limits(TemporaryFolderTest):
    def test_what_a_small_body_becomes_is_bounded(self):
        """A form of pairs, a query of pairs, JSON of values: each of some MB that would take hundreds."""
        with Server(self.folder, "--workers", 0) as server:
            before, port = most_memory_mb(server.process), port_of(server.sqs_url)

            def post(body, headers, statuses):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                try:
                    connection.request("POST", "/", body=body, headers=headers)
                    statuses.append(connection.getresponse().status)
                except OSError:
                    statuses.append(0)  # the answer was lost with the connection
                connection.close()

            target = {"X-Amz-Target": "AmazonSQS.SendMessage"}
            for body, headers in ((b"a&" * 1_600_000, {}), (b"a&" * 4_190_000, {}), (b"a.b=1&" * 500_000, {}),
                                  (b'{"a":[' + b"1," * 3_000_000 + b"1]}", target), (b'{"a":' + b"[" * 3_000_000, target),
                                  (b'{"a":[' + b"{}," * 2_000_000 + b"1]}", target)):
                statuses = []
                threads = [threading.Thread(target=post, args=(body, headers, statuses)) for _ in range(4)]
                begin = time.monotonic()
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(30)
                self.assertEqual(len(statuses), 4)
                self.assertLessEqual(set(statuses), {0, 400, 413}, (body[:8], statuses))
                self.assertLess(time.monotonic() - begin, 8)
            grown = most_memory_mb(server.process) - before
            print(f"four at once of each: {grown} MB more at most")
            self.assertLess(grown, 150)
            many = raw(port_of(server.url), b"POST /?" + b"a&" * 1001 + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
            self.assertRegex(many, "^HTTP/1.1 400 ")
            self.assertIn("at most 1000 parameters", many)
            self.assertRegex(raw(port_of(server.url), b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 200 + b"\r\n"),
                             "^HTTP/1.1 431 ")

    def test_each_names_its_option(self):
        photo = photographs("val", "madonna")[0]
        with Server(self.folder, "--workers", 0, "--max-body", "200kb", "--max-body-memory", "1mb", "--max-side", 150,
                    "--max-frames-per-second", 0.1) as server:  # the second comes too early on any machine
            status, _, answer = server.request(body=b"x" * 300_000)
            self.assertEqual(status, 413)
            status, _, answer = server.request(path="?request_id=1&filename=a&camera=side", body=photo.read_bytes(),
                                               headers={"content-type": "image/jpeg"})
            self.assertEqual(status, 400)
            self.assertIn("150", answer["error"])
            self.assertEqual(server.request(path="?camera=fast")[0], 400)
            status, headers, answer = server.request(path="?camera=fast")
            self.assertEqual(status, 429)
            self.assertIn("--max-frames-per-second", answer["error"])
            self.assertGreaterEqual(int(headers["retry-after"]), 1)
            self.assertEqual(server.request(path="?camera=other")[0], 400)  # an empty body, but not too many

    def test_a_body_that_drips_is_cut_off(self):
        with Server(self.folder, "--workers", 0) as server:
            begin = time.monotonic()
            with socket.create_connection(("127.0.0.1", port_of(server.url)), timeout=30) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000000\r\n\r\n")
                stop = threading.Event()

                def drip():
                    while not stop.wait(0.2):
                        try:
                            connection.sendall(b"x")
                        except OSError:
                            return
                thread = threading.Thread(target=drip)
                thread.start()
                answer = connection.recv(65536)
                stop.set()
                thread.join()
            self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
            self.assertLess(time.monotonic() - begin, 15)

    def test_slow_connections_make_room_for_new_ones(self):
        with Server(self.folder, "--workers", 0, "--max-connections", 20) as server:
            begin = time.monotonic()
            held = [socket.create_connection(("127.0.0.1", port_of(server.url)), timeout=30) for _ in range(20)]
            for index, connection in enumerate(held):
                if index % 2:  # so much that it may be slow for 10 s
                    connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000000\r\n\r\n" + bytes(200_000))
            for _ in range(10):
                wait_until(lambda: server.request("GET", "readyz")[0] == 200, "one that is slow for a second makes room")
            self.assertLess(time.monotonic() - begin, 10, "before any was cut off")
            for connection in held:
                connection.close()

    def test_a_flooding_camera_does_not_starve_another(self):
        photo = photographs("val", "madonna")[0].read_bytes()
        with Server(self.folder, "--workers", 0, "--threads", 1, "--max-waiting", 8) as server:
            stop, flood = threading.Event(), []

            def post(camera, name):
                return server.request(path=f"?camera={camera}&request_id={name}&filename=a.jpg", body=photo,
                                      headers={"content-type": "image/jpeg"})[0]

            def send_all():
                while not stop.is_set():
                    try:
                        flood.append(post("flood", "f"))
                    except OSError:  # the body of a frame that was refused before it was read
                        flood.append(429)
            threads = [threading.Thread(target=send_all) for _ in range(24)]
            for thread in threads:
                thread.start()
            try:
                wait_until(lambda: 429 in flood, "the flood meets its limit")
                self.assertEqual([post("calm", str(i)) for i in range(10)], [200] * 10)
            finally:
                stop.set()
                for thread in threads:
                    thread.join()
            self.assertIn(429, flood)


def post_picture(server, picture, name, camera):
    return server.request(path=f"?camera={camera}&request_id={name}&filename=a", body=picture,
                          headers={"content-type": "image/jpeg"})


def peak_mib(server):
    status = open(f"/proc/{server.process.pid}/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


class Work(TemporaryFolderTest):
    """What a request may cost: bytes are no measure of it."""
    # At rest, --max-work-memory, and what the heap keeps.
    PEAK_MIB = 215 + 736 + 64

    def at_once(self, calls):
        threads = [threading.Thread(target=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_pictures_of_50_megapixels_share_one_memory(self):
        pictures = [flat_png(8000, 6250, (0, 0, 0), level=9), grey_progressive_jpeg(8000, 6250)]
        self.assertLess(max(map(len, pictures)), 400_000)
        with Server(self.folder, "--threads", 4, "--workers", 2, "--frame-timeout", 2) as server:
            answers = []
            self.at_once([lambda i=i: answers.append(post_picture(server, pictures[i % 2], f"f{i}", f"camera{i % 3}"))
                          for i in range(8)])
            for status, headers, answer in answers:
                self.assertIn(status, (200, 503, 504), answer)
                if status == 503:
                    self.assertIn("--max-work-memory", answer["error"])
                    self.assertEqual(headers["retry-after"], "1")
                if status == 504:
                    self.assertIn("--frame-timeout", answer["error"])
            # As faces they are refused by their headers, each with an answer of its own; what is less is decoded one by one.
            sqs, face = server.sqs(), base64.b64encode(pictures[0]).decode()
            for i in range(16):
                sqs.send_message(QueueUrl=f"{server.sqs_url}/{ACCOUNT}/face-requests",
                                 MessageBody=json.dumps({"request_id": f"r{i}", "face": face}))
            taken = [status for status, _, _ in answers].count(200)  # frames without a face, where the machine is quick
            found = server.take_answers(16 + taken)
            self.assertEqual([answer["result"] for answer in found].count("No-Face"), taken)
            for answer in found:
                if answer["result"] != "No-Face":
                    self.assertEqual(answer["result"], "error")
                    self.assertIn("8000x6250 px: the limit is", answer["error"])
            self.assertLess(peak_mib(server), self.PEAK_MIB)
            # What was cut off by its time limit lets go of it behind its answer.
            wait_until(lambda: "facepipe_work_memory_bytes 0\n" in server.request("GET", "metrics")[2], "no memory is held")

    def test_bodies_of_json_values_are_refused_before_they_grow(self):
        body = b'{"request_id":"r","filename":"f","content":"Zm9v","x":[' + b"1," * 12_000_000 + b"1]}"
        with Server(self.folder, "--workers", 0) as server:
            answers = []
            self.at_once([lambda: answers.append(server.request(body=body)) for _ in range(4)])
            for status, _, answer in answers:
                self.assertEqual(status, 400)
                self.assertIn("bytes outside its texts", answer["error"])
            self.assertLess(peak_mib(server), 215 + 4 * len(body) // 1024 // 1024 + 64)

    def test_a_frame_of_many_faces_sends_the_largest_and_says_so(self):
        photo = photographs("val", "madonna")[0].read_bytes()
        with Server(self.folder, "--workers", 0, "--max-faces", 5) as server:
            status, _, answer = post_picture(server, stacked_jpeg(photo, 20), "many", "c")
            self.assertEqual((status, answer["faces"]), (200, 5))
            self.assertGreater(answer["faces_left_out"], 5)
            _, _, metrics = server.request("GET", "metrics")
            self.assertIn(f"facepipe_faces_left_out_total {answer['faces_left_out']}\n", metrics)
        self.assertIn(f'"faces":5,"faces_left_out":{answer["faces_left_out"]}', self.folder.joinpath("serve.log").read_text())

    def test_long_frames_keep_neither_another_camera_nor_the_stop_waiting(self):
        photo = photographs("val", "madonna")[0].read_bytes()
        long_frame = flat_png(8000, 6250, (0, 0, 0), level=9)
        with Server(self.folder, "--workers", 0, "--threads", 2, "--frame-timeout", 0) as server:
            begin = time.monotonic()
            self.assertEqual(post_picture(server, photo, "alone", "door")[0], 200)
            alone = time.monotonic() - begin
            stop, answers = threading.Event(), []

            def send_all():
                while not stop.is_set():
                    try:
                        answers.append(post_picture(server, long_frame, "long", "hostile")[0])
                    except OSError:  # the server has ended
                        return
            threads = [threading.Thread(target=send_all) for _ in range(6)]
            for thread in threads:
                thread.start()
            try:
                wait_until(lambda: "facepipe_work_memory_bytes 0\n" not in server.request("GET", "metrics")[2], "work began")
                times = []
                for i in range(5):
                    begin = time.monotonic()
                    self.assertEqual(post_picture(server, photo, f"door{i}", "door")[0], 200)
                    times.append(time.monotonic() - begin)
                self.assertLess(sorted(times)[2], 2 * alone + 1)
            finally:
                stop.set()
            self.assertEqual(server.stop(), 0)  # within three times its grace of 10 s
            for thread in threads:
                thread.join()
            self.assertTrue(set(answers) <= {200, 503}, answers)
