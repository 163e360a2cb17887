"""What the Python original's parts say to ours and hear from them: its detector's messages at our recogniser, and our
detector's at its recogniser. Its crops are made here with Pillow from facenet-pytorch's own boxes, as the original makes
them, and its names are those of facenet-pytorch's embeddings (tests/data/golden)."""
import base64
import io
import json

from aws_harness import (FACENET_PACK, PHOTOS, ROOT, AwsTest, ElasticMq, Function, base64_of, facepipe, photographs,
                         run_mapping_once)
from PIL import Image

GOLDEN = json.loads((ROOT / "tests" / "data" / "golden" / "golden.json").read_text())["photos"]
TRAIN = [photo for photo in GOLDEN if photo["file"].startswith("train/")]
VAL = [photo for photo in GOLDEN if photo["file"].startswith("val/")]
SIDE = 240


def original_crop(photo):
    """The original's 240x240 picture of the face that MTCNN() chooses: whole pixels of the box, Pillow's bilinear resize,
    then stretched so that the darkest value is 0 and the brightest 255 (docs/numerics.md, E6)."""
    picture = Image.open(PHOTOS / photo["file"]).convert("RGB")
    x1, y1, x2, y2 = photo["faces"][0]["box"]
    box = (int(max(x1, 0)), int(max(y1, 0)), int(min(x2, picture.width)), int(min(y2, picture.height)))
    values = picture.crop(box).resize((SIDE, SIDE), Image.Resampling.BILINEAR).tobytes()
    low, high = min(values), max(values)
    table = bytes(max(0, (value - low) * 255 // (high - low)) if value <= high else 255 for value in range(256))
    return Image.frombytes("RGB", (SIDE, SIDE), values.translate(table))


def original_message(request_id, crop, kind):
    encoded = io.BytesIO()
    crop.save(encoded, format=kind)
    return json.dumps({"request_id": request_id, "face": base64.b64encode(encoded.getvalue()).decode()})


def original_name(photo):
    """The person whose training photograph is nearest, by facenet-pytorch's embeddings: what the original answers."""
    probe = photo["embedding_seed240"]
    return min(TRAIN, key=lambda other: sum((a - b) ** 2 for a, b in zip(other["embedding_seed240"], probe)))["person"]


class Originals(AwsTest):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enter(ElasticMq())
        cls.requests = cls.server.make_queue("face-requests")
        cls.answers = cls.server.make_queue("face-answers")
        cls.folder = cls.make_folder()
        facepipe("people", "--data", cls.folder, "import", "--largest", "--mode", "classic", "--pack", FACENET_PACK,
                 PHOTOS / "train")
        facepipe("people", "--data", cls.folder, "export", cls.folder / "resnetV1_video_weights.pt")

    def recognise(self, messages):
        """Puts message bodies on the request queue; the result of each request id."""
        sqs = self.server.client()
        for begin in range(0, len(messages), 10):
            sent = sqs.send_message_batch(QueueUrl=self.requests, Entries=[
                {"Id": str(i), "MessageBody": body} for i, body in enumerate(messages[begin:begin + 10])])
            self.assertEqual(sent.get("Failed", []), [])
        handled = 0
        with Function("fr_lambda.lambda_handler", SQS_RESPONSE_QUEUE_URL=self.answers, FACEPIPE_PACK=str(FACENET_PACK),
                      MODEL_WT_PATH=f"{self.folder}/resnetV1_video_weights.pt") as recogniser:
            while handled < len(messages):
                records, failed = run_mapping_once(self.server, self.requests, recogniser)
                self.assertEqual(failed, [])
                self.assertNotEqual(records, [])
                handled += len(records)
        return {answer["request_id"]: answer["result"] for answer in self.server.take(self.answers, len(messages))}

    def check(self, kind, same_names):
        expected = {photo["file"]: original_name(photo) for photo in VAL}
        self.assertEqual(sum(expected[photo["file"]] == photo["person"] for photo in VAL), 20)  # docs/numerics.md
        named = self.recognise([original_message(photo["file"], original_crop(photo), kind) for photo in VAL])
        self.assertEqual(set(named), set(expected))
        self.assertGreaterEqual(sum(named[file] == expected[file] for file in expected), same_names, named)

    def test_png_crops_get_the_originals_names(self):
        self.check("PNG", 25)

    def test_jpeg_crops_get_the_originals_names(self):
        self.check("JPEG", 25)

    def test_its_dialect_and_ours_in_one_batch(self):
        photo = VAL[0]
        message = json.loads(original_message("first", original_crop(photo), "PNG"))
        dialect = {"request_id": "second", "face_image": message["face"]}
        ours = message | {"request_id": "third", "face_index": 1, "face_count": 2, "crop": "classic"}
        named = self.recognise([json.dumps(body) for body in (message, dialect, ours)])
        self.assertEqual(named, {name: original_name(photo) for name in ("first", "second", "third")})

    def test_our_classic_crop_is_what_it_reads(self):
        with Function("fd_lambda.lambda_handler", SQS_REQUEST_QUEUE_URL=self.requests, FACEPIPE_CROP="classic",
                      FACEPIPE_EXIF="ignore") as detector:
            for photo in VAL[:3]:
                status, _ = detector.frame({"body": {"request_id": photo["file"], "filename": "f.jpg",
                                                     "content": base64_of(PHOTOS / photo["file"])}})
                self.assertEqual(status, 200)
                message, = self.server.take(self.requests, 1)
                self.assertEqual(list(message), ["request_id", "face"])
                self.assertEqual(message["request_id"], photo["file"])
                picture = Image.open(io.BytesIO(base64.b64decode(message["face"], validate=True)))
                self.assertEqual((picture.mode, picture.size), ("RGB", (SIDE, SIDE)))
                # The original's picture of the same face, but for the JPEG.
                apart = [abs(a - b) for a, b in zip(picture.tobytes(), original_crop(photo).tobytes())]
                self.assertLess(sum(apart) / len(apart), 2.0)

    def test_with_all_faces_a_message_says_which_it_is(self):
        with Function("face-detection", SQS_REQUEST_QUEUE_URL=self.requests, FACEPIPE_CROP="classic") as detector:
            photo = photographs("val", "madonna")[0]
            detector.frame({"body": {"request_id": "all", "filename": "f.jpg", "content": base64_of(photo)}})
        message, = self.server.take(self.requests, 1)
        self.assertEqual((message["face_index"], message["face_count"], message["crop"]), (0, 1, "classic"))
