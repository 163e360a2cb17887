"""The function face-recognition under AWS's emulator: batches, their answers and failures, and how it fails to start."""
import base64
import json
import shutil

from aws_harness import (FACENET_PACK, PACK, AwsTest, ElasticMq, Function, base64_of, enrol, facepipe, fixture, photographs,
                         run_mapping_once)


class Batches(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(ElasticMq())
        cls.answers = cls.server.make_queue("face-answers")
        cls.gallery = enrol(cls.make_folder())
        cls.function = cls.enter(Function("face-recognition", SQS_RESPONSE_QUEUE_URL=cls.answers,
                                          FACEPIPE_GALLERY=str(cls.gallery)))

    def test_the_batch_of_the_fixture_set(self):
        # Two faces, one record that is no JSON, one without a face, one whose face is no picture.
        event = fixture("sqs_batch")
        self.assertEqual(self.function.invoke(event),
                         {"batchItemFailures": [{"itemIdentifier": event["Records"][2]["messageId"]}]})
        answers = {answer["request_id"]: answer for answer in self.server.take(self.answers, 4)}
        self.assertEqual(set(answers), {"sqs-0", "sqs-1", "sqs-3", "sqs-4"})
        self.assertIn(answers["sqs-0"]["result"], ("unknown", "madonna", "elton_john"))
        self.assertEqual(answers["sqs-0"]["result"], answers["sqs-1"]["result"])  # the same picture in both dialects
        for bad in ("sqs-3", "sqs-4"):
            self.assertEqual(answers[bad]["result"], "error")
            self.assertNotEqual(answers[bad]["error"], "")

    def test_ten_records_of_which_three_are_bad(self):
        requests = self.server.make_queue("ten-requests")
        face = base64_of(photographs("val", "madonna")[0])
        bodies = [json.dumps({"request_id": f"ten-{i}", "face": face}) for i in range(10)]
        bodies[1], bodies[4], bodies[9] = "not JSON", '{"face": "aGk="}', "[1, 2, 3]"
        sqs = self.server.client()
        sent = sqs.send_message_batch(QueueUrl=requests, Entries=[
            {"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies)])["Successful"]
        bad = {entry["MessageId"] for entry in sent if entry["Id"] in ("1", "4", "9")}
        messages, failed = run_mapping_once(self.server, requests, self.function)
        self.assertEqual(len(messages), 10)
        self.assertEqual((set(failed), len(failed)), (bad, 3))
        answers = self.server.take(self.answers, 7)
        self.assertEqual(sorted(answer["request_id"] for answer in answers),
                         sorted(f"ten-{i}" for i in range(10) if i not in (1, 4, 9)))
        state = sqs.get_queue_attributes(QueueUrl=requests, AttributeNames=["All"])["Attributes"]
        self.assertEqual((state["ApproximateNumberOfMessages"], state["ApproximateNumberOfMessagesNotVisible"]),
                         ("0", "3"))
        self.assertEqual(self.function.metric_lines()[-1]["ItemFailures"], 3)

    def test_an_empty_batch_and_another_services_event(self):
        self.assertEqual(self.function.invoke(fixture("sqs_empty")), {"batchItemFailures": []})
        error = self.function.invoke(fixture("s3_put"))
        self.assertEqual(error, {"errorMessage": 'Records[0].eventSource: expected "aws:sqs", got "aws:s3"',
                                 "errorType": "Facepipe.InvalidData", "stackTrace": []})

    def test_six_megabytes_of_records(self):
        padding = "x" * 600_000  # unknown fields are ignored
        records = []
        for i in range(10):
            record = json.loads(json.dumps(fixture("sqs_batch")["Records"][0]))
            record["messageId"] = f"big-{i}"
            body = json.loads(record["body"])
            record["body"] = json.dumps({"request_id": f"big-{i}", "face": body["face"], "padding": padding})
            records.append(record)
        self.assertEqual(self.function.invoke({"Records": records}), {"batchItemFailures": []})
        self.assertEqual({answer["request_id"] for answer in self.server.take(self.answers, 10)},
                         {f"big-{i}" for i in range(10)})


class Failing(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.gallery = enrol(cls.make_folder())

    def test_answers_that_cannot_be_sent_keep_their_records(self):
        with ElasticMq() as server:
            with Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=f"{server.url}/000000000000/none",
                          FACEPIPE_GALLERY=str(self.gallery)) as function:
                event = fixture("sqs_batch")
                failed = function.invoke(event)["batchItemFailures"]
                self.assertEqual([failure["itemIdentifier"] for failure in failed],
                                 [record["messageId"] for record in event["Records"]])

    def init_error(self, **environment):
        environment = {"SQS_RESPONSE_QUEUE_URL": "http://127.0.0.1:9/0/q"} | environment
        with Function("face-recognition", **environment) as function:
            status, text = function.invoke_raw(b"{}")
            self.assertEqual(status, 502, f"{text}\n{function.log_text()}")
            return json.loads(text)

    def test_no_response_queue(self):
        error = self.init_error(SQS_RESPONSE_QUEUE_URL="", FACEPIPE_GALLERY=str(self.gallery))
        self.assertEqual(error["errorMessage"],
                         "SQS_RESPONSE_QUEUE_URL: expected a queue URL (https://...), got nothing")

    def test_galleries_that_are_none(self):
        folder = self.make_folder()
        error = self.init_error(MODEL_WT_PATH=f"{folder}/people.pt")
        self.assertEqual(error["errorType"], "Facepipe.NotFound")
        self.assertIn(f"{folder}/people.pt", error["errorMessage"])
        self.assertIn("MODEL_WT_PATH", error["errorMessage"])
        whole = self.gallery.read_bytes()
        (folder / "short.fpg").write_bytes(whole[:-100])
        error = self.init_error(FACEPIPE_GALLERY=f"{folder}/short.fpg")
        self.assertEqual(error["errorType"], "Facepipe.InvalidData")
        self.assertIn("short.fpg", error["errorMessage"])

    def test_an_embedder_cut_short(self):
        folder = self.make_folder() / "pack"
        shutil.copytree(PACK, folder)
        name = json.loads((folder / "manifest.json").read_text())["files"]["embedder"]["name"]
        with open(folder / name, "r+b") as file:
            file.truncate(1_000_000)
        error = self.init_error(FACEPIPE_GALLERY=str(self.gallery), FACEPIPE_PACK=str(folder))
        self.assertEqual(error["errorType"], "Facepipe.Mismatch")
        self.assertIn(name, error["errorMessage"])


class TheOriginalsFiles(AwsTest):
    def test_a_pt_gallery_answers_as_the_original_does(self):
        # A classic gallery always names the nearest person; the detector's classic crop is what it matches.
        folder = self.make_folder()
        enrol(folder, "--mode", "classic", "--pack", FACENET_PACK)
        facepipe("people", "--data", folder, "export", folder / "resnetV1_video_weights.pt")
        (folder / "resnetV1.pack").symlink_to(FACENET_PACK)
        with ElasticMq() as server:
            requests, answers = server.make_queue("face-requests"), server.make_queue("face-answers")
            with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests, FACEPIPE_CROP="classic",
                          FACEPIPE_PACK="", MODEL_PATH=f"{folder}/resnetV1.pt") as detector:
                photo = photographs("train", "madonna")[0]
                detector.frame({"body": {"request_id": "pt", "filename": "f.jpg", "content": base64_of(photo)}})
            message, = server.take(requests, 1)
            # What the Python detector would have sent: these two fields alone.
            original = json.dumps({"request_id": "pt", "face": message["face"]})
            self.assertGreater(len(base64.b64decode(message["face"])), 1_000)
            server.client().send_message(QueueUrl=requests, MessageBody=original)
            with Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=answers, FACEPIPE_PACK="",
                          MODEL_PATH=f"{folder}/resnetV1.pt",
                          MODEL_WT_PATH=f"{folder}/resnetV1_video_weights.pt") as recognizer:
                self.assertEqual(run_mapping_once(server, requests, recognizer)[1], [])
            answer, = server.take(answers, 1)
            self.assertEqual((answer["request_id"], answer["result"]), ("pt", "madonna"))
