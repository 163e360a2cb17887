"""face-recognition with its gallery in S3: moto's S3, which checks signatures and policies; loaded at the start, replaced while
the function runs."""
import base64
import json
import time

import boto3
from aws_harness import REGION, AwsTest, Function, Moto, base64_of, enrol, facepipe, photographs

KEY = "site a/gallery+1.fpg"  # of a name that has to be encoded
URI = f"s3://people/{KEY}"


class GalleryInS3(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(Moto(free_calls=Moto.USER_CALLS))
        cls.server.make_user("*")
        cls.s3 = cls.client("s3", *cls.server.credentials.values())
        cls.s3.create_bucket(Bucket="people")
        cls.s3.put_bucket_versioning(Bucket="people", VersioningConfiguration={"Status": "Enabled"})
        cls.folder = cls.make_folder()
        cls.gallery = enrol(cls.folder).read_bytes()
        facepipe("people", "--data", cls.folder, "rename", "madonna", "someone else")
        cls.renamed = (cls.folder / "gallery.fpg").read_bytes()
        cls.answers = cls.server.make_queue("answers")
        requests = cls.server.make_queue("requests")
        with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests, **cls.server.credentials) as detection:
            detection.frame({"body": {"request_id": "r", "filename": "f.jpg",
                                      "content": base64_of(photographs("val", "madonna")[0])}})
        cls.face, = cls.server.take(requests, 1)

    @classmethod
    def client(cls, service, key, secret):
        return boto3.client(service, endpoint_url=cls.server.url, region_name=REGION, aws_access_key_id=key,
                            aws_secret_access_key=secret)

    def put(self, content):
        return self.s3.put_object(Bucket="people", Key=KEY, Body=content)["VersionId"]

    def function(self, **environment):
        return Function("face-recognition", SQS_RESPONSE_QUEUE_URL=self.answers, AWS_ENDPOINT_URL=self.server.url,
                        **({"FACEPIPE_GALLERY": URI} | self.server.credentials | environment))

    def name_of_madonna(self, function):
        self.assertEqual(function.invoke({"Records": [
            {"messageId": "1", "receiptHandle": "r", "body": json.dumps(self.face), "attributes": {}, "messageAttributes": {},
             "eventSource": "aws:sqs", "eventSourceARN": "a", "awsRegion": REGION}]}), {"batchItemFailures": []})
        answer, = self.server.take(self.answers, 1)
        return answer["result"]

    def test_loaded_at_the_start_and_replaced_while_it_runs(self):
        first = self.put(self.gallery)
        with self.function(FACEPIPE_GALLERY_REFRESH_S="1") as function:
            self.assertEqual(self.name_of_madonna(function), "madonna")
            second = self.put(self.renamed)
            time.sleep(1.1)
            self.assertEqual(self.name_of_madonna(function), "someone else")
            self.put(b"no gallery")
            time.sleep(1.1)
            self.assertEqual(self.name_of_madonna(function), "someone else")  # the good one stays
            time.sleep(1.1)
            self.assertEqual(self.name_of_madonna(function), "someone else")
            self.assertEqual([(r["version"], r["people"]) for r in function.log_records("gallery")],
                             [(first, 2), (second, 2)])
            self.assertEqual(len(function.log_records("gallery_not_refreshed")), 2)  # and is tried again

    def test_read_once_without_refreshing(self):
        self.put(self.gallery)
        with self.function(FACEPIPE_GALLERY_REFRESH_S="0") as function:
            self.assertEqual(self.name_of_madonna(function), "madonna")
            self.put(self.renamed)
            time.sleep(1.1)
            self.assertEqual(self.name_of_madonna(function), "madonna")

    def init_error(self, **environment):
        with self.function(**environment) as function:
            status, text = function.invoke_raw(b"{}")
            self.assertEqual(status, 502, text)
            return json.loads(text)

    def test_what_cannot_be_read_is_an_init_error(self):
        self.put(self.gallery)
        wrong = self.init_error(AWS_SECRET_ACCESS_KEY=base64.b64encode(b"x" * 30).decode())
        self.assertEqual(wrong["errorType"], "Facepipe.Permission")
        self.assertIn(f"{URI}: S3 answered 403 (SignatureDoesNotMatch)", wrong["errorMessage"])
        none = self.init_error(FACEPIPE_GALLERY="s3://people/none.fpg")
        self.assertEqual(none["errorType"], "Facepipe.NotFound")
        self.assertIn("s3://people/none.fpg", none["errorMessage"])
        self.put(self.gallery[:-100])
        short = self.init_error()
        self.assertEqual(short["errorType"], "Facepipe.InvalidData")
        self.assertIn(URI, short["errorMessage"])
