"""The frame port as other programs use it: any content type, forms, odd names; and that what is the sender's fault is
said before any work."""
import http.client
import json
import shutil
import subprocess
import time
import urllib.parse

from harness import Server, TemporaryFolderTest, facepipe, photographs, wait_until
from test_serve import blank_jpeg, frame

NO_FACE = {"message": "No face detected."}
QUEUED = "Face detection complete and request enqueued."
QUERY = "?request_id={}&filename=a.png"


def form(parts, boundary="----WebKitFormBoundary7MA4YWxkTrZu0gW"):
    """multipart/form-data of (name, filename or None, content), as browsers write it."""
    body = b""
    for name, filename, content in parts:
        more = f'; filename="{filename}"\r\nContent-Type: application/octet-stream' if filename else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


class FrontTest(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.picture = blank_jpeg(self.folder)

    def post(self, server, path="", body=b"", content_type=None, **headers):
        """Without a type urllib would declare its own, so the request is written here."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=60)
        if content_type is not None:
            headers["Content-Type"] = content_type
        connection.request("POST", "/" + path, body=body, headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        return response.status, answer


class Bodies(FrontTest):
    def test_a_picture_is_known_by_its_content(self):
        photo = photographs("val", "madonna")[0].read_bytes()
        with Server(self.folder, "--workers", 0) as server:
            for i, kind in enumerate((None, "", "image/jpeg", "image/png", "application/octet-stream", "text/plain",
                                      "application/x-www-form-urlencoded", "application/json", "binary/octet-stream")):
                status, answer = self.post(server, QUERY.format(f"typed-{i}"), self.picture.read_bytes(), kind)
                self.assertEqual((status, answer), (200, NO_FACE), kind)
                status, answer = self.post(server, QUERY.format(f"photo-{i}"), photo, kind)
                self.assertEqual((status, answer["message"]), (200, QUEUED), kind)

    def test_forms(self):
        picture = self.picture.read_bytes()
        header = "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"
        whole = form([("request_id", None, b"in-form"), ("camera", None, "Tür 1".encode()), ("file", "a b.png", picture)])
        with Server(self.folder, "--workers", 0) as server:
            for kind in (header, "multipart/form-data", "Multipart/Form-Data", None, "application/octet-stream"):
                self.assertEqual(self.post(server, "", whole, kind), (200, NO_FACE), kind)
            upload = form([("anything", "a.png", picture)])
            self.assertEqual(self.post(server, "?request_id=in-query", upload, header), (200, NO_FACE))
            status, answer = self.post(server, "", upload, header)
            self.assertEqual(status, 400)
            self.assertEqual(answer["error"], "Missing one or more required fields: request_id, filename, content")
            self.assertIn("query string or as fields of the form", answer["hint"])
            for body, kind, wrong in ((whole[:-30], header, "no boundary behind it"),
                                      (whole, "multipart/form-data; boundary=other", "its boundary is not in the body"),
                                      (form([("f", None, b"x")] * 65), header, "more than 64 parts"),
                                      (form([("request_id", None, b"1"), ("file", "a.gif", b"GIF89a")]), header, "a GIF")):
                status, answer = self.post(server, "", body, kind)
                self.assertEqual(status, 400)
                self.assertIn(wrong, answer["error"])
            ids = {answer["request_id"] for answer in server.take_answers(2)}
        self.assertEqual(ids, {"in-form", "in-query"})  # the same frame again is no other

    def test_what_curl_sends(self):
        data = self.folder / "frame.json"
        data.write_bytes(frame(self.picture, "curl-json"))
        with Server(self.folder, "--workers", 0) as server:
            def curl(*arguments, url=server.url):
                done = subprocess.run([shutil.which("curl"), "--silent", "--show-error", "--max-time", "60", *arguments, url],
                                      capture_output=True, text=True, timeout=90)
                self.assertEqual(done.returncode, 0, done.stderr)
                return json.loads(done.stdout)

            picture = f"@{self.picture}"
            self.assertEqual(curl("-F", f"file={picture}", "-F", "request_id=curl-form"), NO_FACE)
            self.assertEqual(curl("-F", f"x={picture};type=image/png", url=server.url + "?request_id=curl-query"), NO_FACE)
            self.assertEqual(curl("--data-binary", picture, url=server.url + QUERY.format("curl-binary")), NO_FACE)
            self.assertEqual(curl("-H", "content-type:", "--data-binary", picture,
                                  url=server.url + QUERY.format("curl-untyped")), NO_FACE)
            self.assertEqual(curl("-d", f"@{data}"), NO_FACE)
            ids = {answer["request_id"] for answer in server.take_answers(5)}
        self.assertEqual(ids, {"curl-form", "curl-query", "curl-binary", "curl-untyped", "curl-json"})

    def test_json_as_editors_and_browsers_write_it(self):
        whole = json.loads(frame(self.picture, "r"))
        urls = dict(whole, content="DATA:image/PNG;Base64," + whole["content"])
        with Server(self.folder, "--workers", 0) as server:
            for body in (b"\xef\xbb\xbf" + json.dumps(whole).encode(), json.dumps(urls).encode()):
                for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", None):
                    self.assertEqual(self.post(server, "", body, kind), (200, NO_FACE), kind)

    def test_the_rest_is_named_with_what_is_taken(self):
        with Server(self.folder, "--workers", 0) as server:
            for body, kind, name in ((b"GIF89a\x01\x00\x01\x00\x00\xff", "application/octet-stream", "a GIF"),
                                     (b"%PDF-1.7\xff", None, "a PDF"),
                                     (b"a=b&c=d", "application/x-www-form-urlencoded", "7 bytes of an unknown format"),
                                     (b"<html>", "text/html", "an HTML page")):
                status, answer = self.post(server, QUERY.format("r"), body, kind)
                self.assertEqual(status, 415, kind)
                for text in ("JPEG, PNG or WebP", "multipart/form-data", "application/json", name):
                    self.assertIn(text, answer["error"])
            # What the original's clients may see stays: JSON by its type, or by its look, is answered as JSON.
            for body, kind in ((b"not json", "application/json"), (b"{not json", None), (b"[1", "text/plain")):
                self.assertEqual(self.post(server, "", body, kind), (400, {"error": "Request body must be valid JSON"}))
            self.assertIn("facepipe_frames_failed_total 0", server.request("GET", "metrics")[2])


class SendersFaults(FrontTest):
    def test_names_are_carried_and_faults_are_named_before_the_work(self):
        photo = photographs("val", "madonna")[0].read_bytes()
        quote = urllib.parse.quote
        with Server(self.folder, "--workers", 0) as server:
            carried = {"front door": "front%20door", "Tür": "T%C3%BCr", "a\ufffe": "a%EF%BF%BE", "門" * 60: None,
                       "c" * 200: None}
            for i, camera in enumerate(carried):
                status, answer = self.post(server, f"{QUERY.format(f'c{i}')}&camera={quote(camera)}", photo)
                self.assertEqual((status, answer["message"]), (200, QUEUED), camera)
            odd_ids = ["u\ufffe\uffff", "ü 1/2", "i" * 256]
            for request_id in odd_ids:
                status, answer = self.post(server, QUERY.format(quote(request_id)), photo)
                self.assertEqual((status, answer["message"]), (200, QUEUED), request_id)
            for trace in ("Root=1-2-3;" * 40, "no trace", "Root=1-5759e988-bd862e3fe1be46a994272793"):
                status, answer = self.post(server, QUERY.format(f"t{len(trace)}"), photo, **{"X-Amzn-Trace-Id": trace})
                self.assertEqual((status, answer["message"]), (200, QUEUED), trace)
            for query, field in ((f"{QUERY.format('r')}&camera={'x' * 257}", "camera"),
                                 (f"{QUERY.format('r')}&camera=a%0Ab", "camera"), (f"{QUERY.format('r')}&camera=%FF", "camera"),
                                 (QUERY.format("a%00"), "request_id"), (QUERY.format("%C3"), "request_id"),
                                 (QUERY.format("x" * 257), "request_id")):
                status, answer = self.post(server, query, photo)
                self.assertEqual(status, 400, query)
                self.assertTrue(answer["error"].startswith(field), answer)
            sqs = server.sqs()
            queue = sqs.get_queue_url(QueueName="face-requests")["QueueUrl"]
            messages = []

            def received():
                messages.extend(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"]).get(
                    "Messages", []))
                return len({json.loads(message["Body"])["request_id"] for message in messages}) == len(carried) + 6

            wait_until(received, "every frame's face is in the queue")
            attributes = {json.loads(message["Body"])["request_id"]: message["Attributes"] for message in messages}
            for i, group in enumerate(carried.values()):
                got = attributes[f"c{i}"]["MessageGroupId"]
                self.assertRegex(got, f"^{group or 'sha256-[0-9a-f]{64}'}$")
            self.assertLess(set(odd_ids), set(attributes))
            self.assertEqual([name for name, values in attributes.items() if "AWSTraceHeader" in values], ["t40"])

    def test_send_does_not_try_a_refused_frame_again(self):
        with Server(self.folder, "--workers", 0) as server:
            begin = time.monotonic()
            done = facepipe("send", "--url", f"{server.url}?camera={'x' * 257}", "--results", server.answers_url, self.picture,
                            check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("400", done.stdout + done.stderr)
            self.assertIn("camera has 257 bytes", done.stdout + done.stderr)
            self.assertLess(time.monotonic() - begin, 30)
            metrics = server.request("GET", "metrics")[2]
        self.assertIn("facepipe_frames_refused_total 1\n", metrics)
        self.assertIn("facepipe_frames_failed_total 0\n", metrics)

    def test_an_answer_carries_the_id_of_another_detectors_frame(self):
        with Server(self.folder) as server:
            sqs = server.sqs()
            queue = sqs.get_queue_url(QueueName="face-requests")["QueueUrl"]
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"request_id": "u\ufffe\u0001", "face": "AAAA"}))
            (answer,) = server.take_answers(1)
        self.assertEqual((answer["request_id"], answer["result"]), ("u\ufffe\u0001", "error"))
