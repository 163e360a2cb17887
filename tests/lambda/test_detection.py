"""The function face-detection under AWS's emulator: every kind of event, its limits, and how it fails to start."""
import base64
import json
import shutil

from aws_harness import (FIXTURES, PACK, AwsTest, ElasticMq, Function, base64_of, fixture, padded_jpeg, photographs)

NO_FACE = (200, {"message": "No face detected."})
QUEUED = (200, {"message": "Face detection complete and request enqueued.", "faces": 1})
MISSING_BODY = (400, {"error": "Missing request body"})
MISSING_FIELDS = (400, {"error": "Missing one or more required fields: request_id, filename, content"})
NOT_JSON = (400, {"error": "Request body must be valid JSON"})


def frame_event(request_id, picture):
    return {"body": {"request_id": request_id, "filename": "frame.jpg", "content": picture}}


class Events(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(ElasticMq())
        cls.requests = cls.server.make_queue("face-requests")
        cls.function = cls.enter(Function("face-detection", SQS_REQUEST_QUEUE_URL=cls.requests))

    def test_every_event_of_the_fixture_set(self):
        # The fixtures carry a picture without a face.
        expected = {"function_url": NO_FACE, "function_url_base64": NO_FACE, "function_url_image": NO_FACE,
                    "function_url_no_body": MISSING_BODY, "api_gateway_v1": NO_FACE, "api_gateway_v2": NO_FACE,
                    "bare_object": NO_FACE, "bare_string": NO_FACE, "bare_not_json": NOT_JSON,
                    "bare_missing_field": MISSING_FIELDS, "bare_empty_body": MISSING_BODY, "empty_event": MISSING_BODY,
                    "load_balancer": NO_FACE, "load_balancer_multi_value": NO_FACE,
                    "load_balancer_health_check": (200, {"status": "ok"})}
        for name, answer in expected.items():
            with self.subTest(name):
                self.assertEqual(self.function.frame(fixture(name)), answer)
        status, body = self.function.frame(fixture("bare_bad_picture"))
        self.assertEqual((status, list(body)), (400, ["error"]))
        others = {path.stem for path in FIXTURES.glob("*.json")} - set(expected) - {"bare_bad_picture"}
        self.assertEqual(others, {"sqs_batch", "sqs_empty", "s3_put"})  # test_recognition.py has these
        self.assertEqual(self.server.take(self.requests, 0), [])

    def test_each_transport_queues_the_face_of_a_photograph(self):
        photo = photographs("val", "madonna")[0]
        picture = base64_of(photo)
        text = json.dumps(frame_event("as-text", picture)["body"])
        image = fixture("function_url_image") | {"body": picture}
        image["headers"]["Content-Type"] = "image/jpeg"
        events = {"bare": frame_event("bare", picture),
                  "as-text": fixture("function_url") | {"body": text},
                  "raw-1": image,
                  "rest": fixture("api_gateway_v1") | {"body": text.replace("as-text", "rest")},
                  "http": fixture("api_gateway_v2") | {"body": base64.b64encode(text.replace(
                      "as-text", "http").encode()).decode(), "isBase64Encoded": True}}
        for request_id, event in events.items():
            with self.subTest(request_id):
                self.assertEqual(self.function.frame(event), QUEUED)
                message, = self.server.take(self.requests, 1)
                self.assertEqual((message["request_id"], message["face_index"], message["face_count"]),
                                 (request_id, 0, 1))
                self.assertEqual(message["crop"], "source")
                self.assertEqual(base64.b64decode(message["face"])[:4], b"\x89PNG")  # small: nothing is lost

    def test_a_load_balancer_is_answered_in_its_own_form(self):
        json_type = "application/json"
        for name, headers in (("load_balancer", {"headers": {"content-type": json_type}}),
                              ("load_balancer_multi_value", {"multiValueHeaders": {"content-type": [json_type]}})):
            event = fixture(name)
            answer = self.function.invoke(event)
            body = answer.pop("body")
            self.assertEqual(answer, {"statusCode": 200, "statusDescription": "200 OK", "isBase64Encoded": False} | headers)
            self.assertEqual(json.loads(body), NO_FACE[1])
            answer = self.function.invoke(event | {"body": base64.b64encode(b"GIF89a\xff").decode()})
            self.assertEqual((answer["statusCode"], answer["statusDescription"]), (400, "400 Bad Request"))

    def test_bodies_of_any_type_and_names_that_no_queue_takes(self):
        photo = photographs("val", "madonna")[0].read_bytes()
        form = (b'--X\r\nContent-Disposition: form-data; name="request_id"\r\n\r\nform\r\n'
                b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + photo + b"\r\n--X--\r\n")
        bodies = {"form": (form, "multipart/form-data; boundary=X", ""),
                  "octets": (photo, "application/octet-stream", "request_id=octets&filename=a"),
                  "curl": (photo, "application/x-www-form-urlencoded", "request_id=curl&filename=a&camera=front%20door"),
                  "u\ufffe": (photo, "image/jpeg", "request_id=u%EF%BF%BE&filename=a&camera=T%C3%BCr")}
        url = fixture("function_url_image")
        for request_id, (body, kind, query) in bodies.items():
            with self.subTest(request_id):
                event = url | {"body": base64.b64encode(body).decode(), "rawQueryString": query, "queryStringParameters": None,
                               "headers": {"content-type": kind, "x-amzn-trace-id": "x" * 300}}
                self.assertEqual(self.function.frame(event), QUEUED)
                message, = self.server.take(self.requests, 1)
                self.assertEqual(message["request_id"], request_id)
        event = url | {"rawQueryString": "request_id=r&filename=a&camera=" + "x" * 257}
        self.assertEqual(self.function.frame(event), (400, {"error": "camera has 257 bytes; expected at most 256"}))
        event = url | {"body": base64.b64encode(b"%PDF-1.7\xff").decode(), "headers": {"content-type": "application/pdf"}}
        status, body = self.function.frame(event)
        self.assertEqual(status, 415)
        self.assertIn("a PDF", body["error"])

    def test_a_body_of_six_megabytes(self):
        # The emulator cuts an event at 6 MiB and 100 bytes; this one is just below 6 MiB.
        picture = base64.b64encode(padded_jpeg(photographs("val", "madonna")[0], 4_700_000)).decode()
        payload = json.dumps(frame_event("big", picture)).encode()
        self.assertTrue(6_200_000 < len(payload) < 6_291_456)
        self.assertEqual(self.function.frame(frame_event("big", picture)), QUEUED)
        message, = self.server.take(self.requests, 1)
        self.assertEqual(message["request_id"], "big")
        cut = self.function.invoke_raw(json.dumps(frame_event("cut", picture * 2)).encode())
        self.assertEqual(cut[0], 200)
        self.assertEqual(json.loads(cut[1])["statusCode"], 400)  # what the emulator left is no JSON
        self.assertEqual(self.function.frame(fixture("bare_object")), NO_FACE)  # and the environment lives on

    def test_one_metric_line_an_invocation_and_no_payload_in_the_log(self):
        before = len(self.function.metric_lines())
        picture = base64_of(photographs("val", "madonna")[0])
        self.function.frame(frame_event("logged", picture))
        self.server.take(self.requests, 1)
        lines = self.function.metric_lines()
        self.assertEqual(len(lines), before + 1)
        self.assertEqual(lines[-1]["_aws"]["CloudWatchMetrics"][0]["Namespace"], "facepipe")
        self.assertEqual((lines[-1]["FunctionName"], lines[-1]["FramesAccepted"]), ("face", 1))
        self.assertGreater(lines[-1]["Duration"], 0)
        self.assertNotIn(picture[:60], self.function.log_text())

    def test_what_is_no_event_is_a_bad_request(self):
        for payload in (b"[]", b"not json", b"7"):
            status, text = self.function.invoke_raw(payload)
            self.assertEqual((status, json.loads(text)["statusCode"]), (200, 400))


class Choices(AwsTest):
    """Settings that change what is sent, on a photograph with several faces where that matters."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(ElasticMq())
        cls.requests = cls.server.make_queue("face-requests")
        cls.answers = cls.server.make_queue("face-answers")

    def test_a_response_queue_on_the_detector_reports_frames_without_a_face(self):
        with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=self.requests,
                      SQS_RESPONSE_QUEUE_URL=self.answers) as function:
            self.assertEqual(function.frame(fixture("bare_object")), NO_FACE)
        answer, = self.server.take(self.answers, 1)
        self.assertEqual((answer["request_id"], answer["result"]), ("bare-1", "No-Face"))

    def test_fifo_queues_take_what_it_sends_and_a_frame_once(self):
        fifo = {"FifoQueue": "true"}
        requests = self.server.make_queue("face-requests.fifo", **fifo)
        answers = self.server.make_queue("face-answers.fifo", **fifo)
        with Function("face-detection", SQS_REQUEST_QUEUE_URL=requests, SQS_RESPONSE_QUEUE_URL=answers) as function:
            event = frame_event("fifo", base64_of(photographs("val", "madonna")[0]))
            self.assertEqual([function.frame(event) for _ in range(2)], [QUEUED, QUEUED])
            self.assertEqual([function.frame(fixture("bare_object")) for _ in range(2)], [NO_FACE, NO_FACE])
        message, = self.server.take(requests, 1)
        self.assertEqual(message["request_id"], "fifo")
        answer, = self.server.take(answers, 1)
        self.assertEqual((answer["request_id"], answer["result"]), ("bare-1", "No-Face"))

    def test_the_classic_crop_is_the_originals(self):
        with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=self.requests,
                      FACEPIPE_CROP="classic") as function:
            # Without our own additions to the answer, too.
            self.assertEqual(function.frame(frame_event("classic", base64_of(photographs("val", "madonna")[0]))),
                             (200, {"message": "Face detection complete and request enqueued."}))
        message, = self.server.take(self.requests, 1)
        self.assertEqual(message["request_id"], "classic")
        self.assertNotEqual(message.get("crop"), "source")

    def test_a_queue_that_is_away_is_the_502_of_the_contract(self):
        with Function("face-detection", SQS_REQUEST_QUEUE_URL=f"{self.server.url}/000000000000/no-such-queue") as function:
            status, body = function.frame(frame_event("r", base64_of(photographs("val", "madonna")[0])))
        self.assertEqual(status, 502)
        self.assertTrue(body["error"].startswith("Failed to enqueue message: "), body)


class Start(AwsTest):
    """What keeps the function from starting is an init error that names it."""
    QUEUE = "http://127.0.0.1:9/000000000000/q"

    def init_error(self, handler, **environment):
        with Function(handler, **environment) as function:
            status, text = function.invoke_raw(b"{}")
            self.assertEqual(status, 502, f"{text}\n{function.log_text()}")
            return json.loads(text)

    def test_wrong_handler(self):
        error = self.init_error("main.handler", SQS_REQUEST_QUEUE_URL=self.QUEUE)
        self.assertEqual(error["errorType"], "Facepipe.InvalidArgument")
        self.assertEqual(error["errorMessage"],
                         "_HANDLER (the image's CMD): expected fd_lambda.lambda_handler, fr_lambda.lambda_handler, "
                         'face-detection, face-recognition, got "main.handler"')
        self.assertEqual(error["stackTrace"], [])

    def test_missing_and_misspelt_settings(self):
        missing = self.init_error("face-detection")
        self.assertEqual(missing["errorMessage"],
                         "SQS_REQUEST_QUEUE_URL: expected a queue URL (https://...), got nothing")
        misspelt = self.init_error("face-detection", SQS_REQUEST_QUEUE_URL=self.QUEUE, FACEPIPE_GALERY="x")
        self.assertTrue(misspelt["errorMessage"].startswith("FACEPIPE_GALERY: no such setting; known are "))

    def test_no_pack(self):
        folder = self.make_folder()
        error = self.init_error("face-detection", SQS_REQUEST_QUEUE_URL=self.QUEUE, FACEPIPE_PACK="",
                                MODEL_PATH=f"{folder}/resnetV1.pt")
        self.assertEqual(error["errorType"], "Facepipe.NotFound")
        for name in ("FACEPIPE_PACK", f"{folder}/resnetV1.pack", f"{folder}/pack"):
            self.assertIn(name, error["errorMessage"])

    def test_a_pack_beside_the_originals_model_path_is_found(self):
        folder = self.make_folder()
        (folder / "resnetV1.pack").symlink_to(PACK)
        with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=self.QUEUE, FACEPIPE_PACK="",
                      MODEL_PATH=f"{folder}/resnetV1.pt") as function:
            self.assertEqual(function.frame(fixture("bare_object")), NO_FACE)

    def test_a_model_file_cut_short(self):
        folder = self.make_folder() / "pack"
        shutil.copytree(PACK, folder)
        name = json.loads((folder / "manifest.json").read_text())["files"]["detector"]["name"]
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:len(whole) // 2])
        error = self.init_error("face-detection", SQS_REQUEST_QUEUE_URL=self.QUEUE, FACEPIPE_PACK=str(folder))
        self.assertEqual(error["errorType"], "Facepipe.Mismatch")
        self.assertIn(name, error["errorMessage"])
        self.assertIn(str(len(whole)), error["errorMessage"])
        self.assertIn(str(len(whole) // 2), error["errorMessage"])
