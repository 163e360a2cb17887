"""face-recognition with its gallery, and the gallery's companion, in S3: moto's S3, which checks signatures and policies; loaded
at the start, replaced while the function runs."""
import base64
import json
import time

import boto3
from aws_harness import REGION, AwsTest, Function, Moto, enrol, facepipe, photographs
from cut_picture import PERSON, cut_photograph, upper_rows

KEY = "site a/gallery+1.fpg"  # of a name that has to be encoded
URI = f"s3://people/{KEY}"
COMPANION = KEY + ".cut"


class S3Test(AwsTest):
    @classmethod
    def start(cls):
        cls.server = cls.enter(Moto(free_calls=Moto.USER_CALLS))
        cls.server.make_user("*")
        cls.s3 = cls.client("s3", *cls.server.credentials.values())
        cls.s3.create_bucket(Bucket="people")
        cls.s3.put_bucket_versioning(Bucket="people", VersioningConfiguration={"Status": "Enabled"})
        cls.folder = cls.make_folder()
        cls.answers = cls.server.make_queue("answers")

    @classmethod
    def take_face(cls, picture):
        """The largest face of a frame, as face-detection sends it."""
        requests = cls.server.make_queue("requests")
        with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=requests, **cls.server.credentials) as detection:
            detection.frame({"body": {"request_id": "r", "filename": "f.jpg",
                                      "content": base64.b64encode(picture).decode()}})
        cls.face, = cls.server.take(requests, 1)

    @classmethod
    def client(cls, service, key, secret):
        return boto3.client(service, endpoint_url=cls.server.url, region_name=REGION, aws_access_key_id=key,
                            aws_secret_access_key=secret)

    def put(self, content, key=KEY):
        return self.s3.put_object(Bucket="people", Key=key, Body=content)["VersionId"]

    def function(self, **environment):
        return Function("face-recognition", SQS_RESPONSE_QUEUE_URL=self.answers, AWS_ENDPOINT_URL=self.server.url,
                        **({"FACEPIPE_GALLERY": URI} | self.server.credentials | environment))

    def answer(self, function):
        self.assertEqual(function.invoke({"Records": [
            {"messageId": "1", "receiptHandle": "r", "body": json.dumps(self.face), "attributes": {}, "messageAttributes": {},
             "eventSource": "aws:sqs", "eventSourceARN": "a", "awsRegion": REGION}]}), {"batchItemFailures": []})
        answer, = self.server.take(self.answers, 1)
        return answer


class GalleryInS3(S3Test):
    @classmethod
    def setUpClass(cls):
        cls.start()
        cls.gallery = enrol(cls.folder).read_bytes()
        facepipe("people", "--data", cls.folder, "rename", "madonna", "someone else")
        cls.renamed = (cls.folder / "gallery.fpg").read_bytes()
        cls.take_face(photographs("val", "madonna")[0].read_bytes())

    def name_of_madonna(self, function):
        return self.answer(function)["result"]

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


class CompanionInS3(S3Test):
    """A face that is cut deep: by which network it was named, the threshold tells."""

    @classmethod
    def setUpClass(cls):
        cls.start()
        whole = [file for file in photographs("train", PERSON) if file != cut_photograph(photographs("train", PERSON))]
        for name, files in (("Jerry", whole[:5]), ("Elton", photographs("train", "elton_john")[:4])):
            facepipe("people", "--data", cls.folder, "add", "--largest", name, *files)
        cls.gallery = (cls.folder / "gallery.fpg").read_bytes()
        cls.companion = (cls.folder / "gallery.fpg.cut").read_bytes()
        facepipe("people", "--data", cls.folder, "remove", "Elton")
        cls.one_person_less = (cls.folder / "gallery.fpg.cut").read_bytes()
        picture = upper_rows(cut_photograph(photographs("train", PERSON)).read_bytes())
        cls.take_face(picture)

    def setUp(self):
        self.put(self.gallery)
        self.s3.delete_object(Bucket="people", Key=COMPANION)

    def test_named_by_it_and_followed_while_the_function_runs(self):
        first = self.put(self.companion, COMPANION)
        with self.function(FACEPIPE_GALLERY_REFRESH_S="1") as function:
            def next_answer():
                time.sleep(1.1)
                return self.answer(function)

            by_second = self.answer(function)
            self.assertEqual(by_second["result"], "Jerry")
            self.s3.delete_object(Bucket="people", Key=COMPANION)
            by_first = next_answer()
            self.assertNotEqual(by_first["threshold"], by_second["threshold"])
            of_others = self.put(self.one_person_less, COMPANION)
            self.assertEqual(next_answer()["threshold"], by_first["threshold"])
            self.assertEqual(next_answer()["threshold"], by_first["threshold"])
            warning, = function.log_records("cut_faces_by_the_first_network")
            self.assertIn("not the same people and pictures", warning["error"])
            third = self.put(self.companion, COMPANION)
            again = next_answer()
            self.assertEqual((again["result"], again["threshold"], again["distance"]),
                             (by_second["result"], by_second["threshold"], by_second["distance"]))
            self.assertEqual([r["companion"] for r in function.log_records("gallery")], [first, "none", of_others, third])
            self.assertNotIn("Jerry", function.log_text())

    def test_a_gallery_that_comes_behind_its_companion(self):
        self.put(self.one_person_less, COMPANION)
        with self.function(FACEPIPE_GALLERY_REFRESH_S="1") as function:
            by_first = self.answer(function)
            self.put((self.folder / "gallery.fpg").read_bytes())
            time.sleep(1.1)
            by_second = self.answer(function)
            self.assertEqual(by_second["result"], "Jerry")
            self.assertNotEqual(by_first["threshold"], by_second["threshold"])
            self.assertEqual(len(function.log_records("cut_faces_by_the_first_network")), 1)

    def test_a_role_that_may_not_read_it_does_without(self):
        self.put(self.companion, COMPANION)
        iam = self.client("iam", *self.server.credentials.values())
        iam.create_user(UserName="before")
        iam.put_user_policy(UserName="before", PolicyName="own", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::people/*.cut"}]}))
        key = iam.create_access_key(UserName="before")["AccessKey"]
        with self.function(AWS_ACCESS_KEY_ID=key["AccessKeyId"],
                           AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]) as function:
            self.assertIn("threshold", self.answer(function))
            self.assertEqual([r["companion"] for r in function.log_records("gallery")], ["refused"])
