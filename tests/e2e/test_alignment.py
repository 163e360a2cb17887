"""A pack that aligns by landmarks: from enrolment to answers, and what becomes of messages of other detectors."""
import base64
import json
import unittest

from harness import PACK, Server, TemporaryFolderTest, facepipe, json_lines, photographs

TEMPLATE = [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
PERSON = "madonna"


class Alignment(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.pack = self.folder / "pack"
        self.pack.mkdir()
        for file in PACK.iterdir():
            if file.name != "manifest.json":
                (self.pack / file.name).symlink_to(file)
        manifest = json.loads((PACK / "manifest.json").read_text())
        manifest.pop("manifest_sha256", None)
        side = manifest["preprocessing"]["input_px"]
        manifest |= {"format_version": 2, "detector": {"kind": "mtcnn"}, "embedder": {"kind": "onnx", "min_input_px": 75}}
        manifest["preprocessing"] |= {"mode": "aligned", "alignment": "landmarks", "margin_px": 0, "mirrored": True,
                                      "colour_order": "rgb",
                                      "points": [[x * side / 112, y * side / 112] for x, y in TEMPLATE]}
        (self.pack / "manifest.json").write_text(json.dumps(manifest))
        self.data = ("--data", self.folder)
        self.photo = photographs("val", PERSON)[0]
        facepipe("people", *self.data, "add", "--pack", self.pack, "--largest", PERSON, self.photo)

    def test_the_gallery_keeps_how_it_was_made(self):
        # Of the default pack only the network is the same; the gallery says how its faces are aligned.
        [found] = json_lines(facepipe("recognize", *self.data, self.photo).stdout)
        self.assertEqual(found["faces"][0]["name"], PERSON)
        self.assertLess(found["faces"][0]["distance"], 1e-3)

    def test_a_face_of_the_queue_is_the_face_that_was_enrolled(self):
        with Server(self.folder, "--pack", self.pack, "--workers", 1) as server:
            status, _, _ = server.request(body=json.dumps({
                "request_id": "r1", "filename": "f", "content": base64.b64encode(self.photo.read_bytes()).decode()}).encode())
            self.assertEqual(status, 200)
            [answer] = server.take_answers(1)
            self.assertEqual(answer["result"], PERSON)
            self.assertLess(answer["distance"], 0.0316)  # cosine 0.9995
            self.assertNotIn("aligned", answer)

    def test_a_message_without_landmarks_is_answered_and_says_so(self):
        [found] = json_lines(facepipe("detect", self.photo).stdout)
        face = base64.b64encode(self.photo.read_bytes()).decode()
        with Server(self.folder, "--pack", self.pack, "--workers", 1) as server:
            sqs = server.sqs()
            for message in ({"request_id": "boxed", "face": face, "crop": "source", "crop_box": found["faces"][0]["box"]},
                            {"request_id": "ready", "face": face}):
                sqs.send_message(QueueUrl=server.answers_url.replace("face-answers", "face-requests"),
                                 MessageBody=json.dumps(message))
            answers = {answer["request_id"]: answer for answer in server.take_answers(2)}
        self.assertEqual(answers["boxed"].get("aligned"), "box", answers)
        self.assertEqual(answers["ready"]["aligned"], "box")
        self.assertLess(answers["boxed"]["distance"], 1.2)


if __name__ == "__main__":
    unittest.main()
