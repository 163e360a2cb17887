"""The face API of DeepStack and CodeProject.AI, with the clients that people have, unchanged."""
import json
import unittest

from foreign import ForeignTest, form, new_key, port_of, raw, run_client
from harness import Server

FORM = {"content-type": "multipart/form-data; boundary=edge"}


class DeepStack(ForeignTest):
    def assert_box(self, box):
        self.assertLess(box["x_min"], box["x_max"])
        self.assertLess(box["y_min"], box["y_max"])
        self.assertTrue(all(isinstance(box[name], int) for name in ("x_min", "y_min", "x_max", "y_max")))

    def check_deepstack_python(self, older):
        key = new_key(self.folder)
        with Server(self.folder) as server:
            got = run_client("deepstack_python.py", port_of(server), key, self.madonna[0], self.madonna[1], self.elton,
                             self.grey, older=older)
        self.assert_box(got["detected"][0])
        self.assertEqual(got["registered"], "face added")
        self.assertEqual(got["registered_again"], "face updated")
        if not older:  # which has no such call
            self.assertEqual((got["before"], got["listed"]), ([], ["Madonna"]))
        self.assertEqual(got["recognised"][0]["userid"], "Madonna")
        self.assertGreaterEqual(got["recognised"][0]["confidence"], 0.85)
        self.assert_box(got["recognised"][0])
        self.assertEqual((got["stranger"][0]["userid"], got["stranger"][0]["confidence"]), ("unknown", 0))
        self.assertEqual(got["nobody"], [])
        for error, status in (("no_face", 400), ("no_picture", 400), ("wrong_key", 403)):
            self.assertEqual(got[error], f"DeepstackException: Error from Deepstack request, status code: {status}")

    def test_deepstack_python(self):
        self.check_deepstack_python(older=False)

    def test_the_older_release_of_deepstack_python(self):
        self.check_deepstack_python(older=True)

    def test_deepstack_sdk(self):
        key = new_key(self.folder)
        with Server(self.folder) as server:
            got = run_client("deepstack_sdk_client.py", port_of(server), key, self.madonna[0], self.madonna[2],
                             self.madonna[1], self.elton)
        self.assertEqual((got["before"], got["listed"], got["after"]), ([], ["Madonna"], []))
        self.assertTrue(got["registered"])
        self.assert_box(got["detected"][0])
        self.assertEqual(got["recognised"][0]["userid"], "Madonna")
        self.assertEqual(got["stranger"][0]["userid"], "unknown")
        self.assertEqual(got["no_picture"], "Exception: Invalid image")
        self.assertEqual(got["wrong_key"], "Exception: The scene endpoint is not enabled on the DeepStack server")
        self.assertTrue(got["deleted"])
        self.assertEqual(got["deleted_again"], "Exception: Invalid image")

    def test_answers_have_a_length_and_forms_need_no_boundary(self):
        with Server(self.folder) as server:
            picture = self.madonna[0].read_bytes()
            for headers in (FORM, {"content-type": "multipart/form-data"}):
                status, answer, body = raw(server, "POST", "/v1/vision/face", form({}, [("image", picture)]), headers)
                self.assertEqual(status, 200, body)
                self.assertEqual(int(answer["content-length"]), len(body))
                self.assertNotIn("transfer-encoding", answer)
                found = json.loads(body)
                self.assertEqual((found["success"], found["count"]), (True, 1))
            status, _, body = raw(server, "POST", "/v1/vision/face/list", b"api_key=",
                                  {"content-type": "application/x-www-form-urlencoded"})
            self.assertEqual((status, json.loads(body)), (200, {"success": True, "faces": []}))

    def test_a_floor_narrows_and_never_widens(self):
        with Server(self.folder) as server:
            def ask(path, fields, *pictures):
                status, _, body = raw(server, "POST", "/v1/vision/face" + path, form(fields, pictures), FORM)
                return status, json.loads(body)

            first = ("image", self.madonna[0].read_bytes())
            self.assertEqual(ask("/register", {"userid": "Madonna"}, first)[0], 200)
            other = ("image", self.madonna[1].read_bytes())
            stranger = ("image", self.elton.read_bytes())
            self.assertEqual(ask("/recognize", {"min_confidence": "0"}, stranger)[1]["predictions"][0]["userid"],
                             "unknown")
            self.assertEqual(ask("/recognize", {"min_confidence": "0"}, other)[1]["predictions"][0]["userid"],
                             "Madonna")
            narrowed = ask("/recognize", {"min_confidence": "0.9999"}, other)[1]["predictions"][0]
            self.assertEqual((narrowed["userid"], narrowed["confidence"]), ("unknown", 0))
            self.assertEqual(ask("", {"min_confidence": "1.1"}, other)[1]["predictions"], [])

    def test_match(self):
        with Server(self.folder) as server:
            def similarity(first, second):
                pictures = [("image1", first.read_bytes()), ("image2", second.read_bytes())]
                status, _, body = raw(server, "POST", "/v1/vision/face/match", form({}, pictures), FORM)
                return status, json.loads(body)

            status, same = similarity(self.madonna[0], self.madonna[1])
            self.assertEqual(status, 200)
            self.assertGreaterEqual(same["similarity"], 0.85)
            self.assertLessEqual(similarity(self.madonna[0], self.elton)[1]["similarity"], 0.35)
            status, none = similarity(self.madonna[0], self.grey)
            self.assertEqual((status, none["success"]), (400, False))
            self.assertIn("no face found", none["error"])

    def test_a_token_may_do_what_its_role_is_for(self):
        new_key(self.folder)
        keys = {role: new_key(self.folder, role) for role in ("frames", "read", "manage")}
        picture = [("image", self.madonna[0].read_bytes())]
        with Server(self.folder) as server:
            def status(path, role, **fields):
                fields["api_key"] = keys.get(role, "")
                return raw(server, "POST", "/v1/vision/face" + path, form(fields, picture), FORM)[0]

            self.assertEqual([status("/recognize", role) for role in ("frames", "read", "manage", "none")],
                             [403, 200, 200, 403])
            self.assertEqual([status("/register", role, userid="A") for role in ("frames", "read", "manage")],
                             [403, 403, 200])

    def test_changes_are_in_the_log_and_can_be_undone(self):
        key = new_key(self.folder)
        with Server(self.folder) as server:
            body = form({"api_key": key, "userid": "Madonna"}, [("image", self.madonna[0].read_bytes())])
            self.assertEqual(raw(server, "POST", "/v1/vision/face/register", body, FORM)[0], 200)
            changes = json.loads(raw(server, "GET", "/api/changes", headers={"authorization": f"Bearer {key}"})[2])
            self.assertEqual(changes["items"][0]["who"], "client", changes)


if __name__ == "__main__":
    unittest.main()
