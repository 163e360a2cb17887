"""The recognition API of CompreFace, with the clients that people have, unchanged."""
import base64
import http.client
import json
import unittest
import uuid

from foreign import ForeignTest, form, new_key, port_of, raw, run_client
from harness import Server

ROOT = "/api/v1/recognition"


class CompreFace(ForeignTest):
    def assert_told(self, answer, subject):
        best = answer["result"][0]["subjects"][0]
        self.assertEqual(best["subject"], subject)
        self.assertGreaterEqual(best["similarity"], 0.85)

    def assert_stranger(self, answer):
        best = answer["result"][0]["subjects"][0]  # there is always one
        self.assertLessEqual(best["similarity"], 0.35)

    def test_compreface_sdk(self):
        key = new_key(self.folder)
        with Server(self.folder) as server:
            got = run_client("compreface_sdk_client.py", port_of(server), key, self.madonna[0], self.madonna[1],
                             self.elton, self.grey)
        self.assertEqual(got["subjects_before"], {"subjects": []})
        self.assertEqual(got["subject_added"], {"subject": "Ann"})
        self.assertEqual(got["subject_again"]["code"], 43)
        self.assertEqual(got["added"]["subject"], "Madonna")
        uuid.UUID(got["added"]["image_id"])
        self.assertEqual(got["no_face"]["code"], 28)
        self.assertEqual(got["listed"]["total_elements"], 2)
        self.assertEqual(got["listed"]["faces"][0], got["added"])
        self.assertEqual(got["subjects"], {"subjects": ["Ann", "Madonna"]})
        self.assert_told(got["recognised"], "Madonna")
        seen = got["recognised"]["result"][0]
        self.assertEqual((len(seen["embedding"]), len(seen["landmarks"])), (192, 5))
        self.assertIn("plugins_versions", got["recognised"])
        self.assertGreater(seen["box"]["probability"], 0.8)
        self.assert_stranger(got["stranger"])
        self.assertEqual(got["nobody"]["code"], 28)
        self.assertEqual((got["renamed"], got["renamed_onto"]), ({"updated": True}, {"updated": True}))
        self.assertEqual(got["no_subject"]["code"], 42)
        self.assertEqual((got["wrong_key"]["code"], got["no_uuid"]["code"]), (10, 26))
        self.assertEqual(got["deleted_face"], {"image_id": got["added"]["image_id"], "subject": "Louise"})
        self.assertEqual(got["deleted_face_again"]["code"], 44)
        self.assertEqual(got["deleted_faces"], {"deleted": 1})
        self.assertEqual(got["subjects_without_faces"], {"subjects": ["Louise"]})
        self.assertEqual(got["deleted_subject"], {"subject": "Louise"})
        self.assertEqual(got["after"]["faces"], [])

    def test_compreface_js_sdk(self):
        key = new_key(self.folder)
        with Server(self.folder) as server:
            got = run_client("compreface_js_client.mjs", port_of(server), key, self.madonna[0], self.madonna[1],
                             self.elton, self.grey)
        self.assertEqual(got["before"]["faces"], [])
        self.assertEqual(got["subject"], {"subject": "Ann"})
        self.assertEqual((got["subjectAgain"]["status"], got["subjectAgain"]["data"]["code"]), (400, 43))
        for way, subject in (("byPath", "Madonna"), ("byBlob", "Madonna"), ("byBase64", "Copy")):
            self.assertEqual(got[way].get("subject"), subject, got[way])
        self.assertEqual((got["noFace"]["status"], got["noFace"]["data"]["code"]), (400, 28))
        self.assertEqual(got["listed"]["total_elements"], 3)
        self.assertEqual(sorted(got["subjects"]["subjects"]), ["Ann", "Copy", "Madonna"])
        self.assertIn(got["recognised"]["result"][0]["subjects"][0]["subject"], ("Madonna", "Copy"))
        self.assertIn("result", got["blobRecognised"], got["blobRecognised"])
        self.assert_stranger(got["stranger"])
        self.assertEqual(got["renamed"], {"updated": True})
        self.assertEqual((got["wrongKey"]["status"], got["wrongKey"]["data"]["code"]), (404, 10))
        self.assertEqual((got["noUuid"]["status"], got["noUuid"]["data"]["code"]), (400, 26))
        self.assertEqual(got["deleted"]["image_id"], got["byPath"]["image_id"])
        self.assertEqual((got["deletedAgain"]["status"], got["deletedAgain"]["data"]["code"]), (404, 44))
        self.assertEqual(len(got["deletedMany"]), 2, got["deletedMany"])
        self.assertEqual(got["deletedSubject"], {"subject": "Louise"})
        self.assertEqual(got["after"]["subjects"], [])

    def test_what_is_missing_is_told_by_its_code(self):
        key = new_key(self.folder)
        reader = new_key(self.folder, "read")
        with Server(self.folder) as server:
            def ask(method, path, body=b"", headers=None):
                status, answer, content = raw(server, method, path, body, headers)
                self.assertEqual(int(answer["content-length"]), len(content))
                return status, json.loads(content)["code"]

            mine = {"x-api-key": key}
            self.assertEqual(ask("GET", f"{ROOT}/subjects"), (400, 20))
            self.assertEqual(ask("GET", f"{ROOT}/subjects", headers={"x-api-key": "abc"}), (400, 26))
            self.assertEqual(ask("GET", f"{ROOT}/subjects", headers={"x-api-key": str(uuid.uuid4())}), (404, 10))
            self.assertEqual(ask("POST", f"{ROOT}/recognize", form({"a": "b"}, []),
                                 mine | {"content-type": "multipart/form-data; boundary=edge"}), (400, 34))
            self.assertEqual(ask("DELETE", f"{ROOT}/faces/{uuid.uuid4()}", headers=mine), (404, 44))
            self.assertEqual(ask("PUT", f"{ROOT}/subjects/who", b'{"subject":"x"}', mine), (404, 42))
            self.assertEqual(ask("DELETE", f"{ROOT}/subjects/who", headers={"x-api-key": reader})[0], 403)

    def test_pictures_pages_and_base64(self):
        key = new_key(self.folder)
        mine = {"x-api-key": key, "content-type": "application/json"}
        with Server(self.folder) as server:
            ids = []
            for number, photo in enumerate(self.madonna[:3]):
                body = json.dumps({"file": base64.b64encode(photo.read_bytes()).decode()})
                status, _, content = raw(server, "POST", f"{ROOT}/faces?subject=Mad%20{number % 2}", body, mine)
                self.assertEqual(status, 201, content)
                ids.append(json.loads(content)["image_id"])

            def listed(query):
                return json.loads(raw(server, "GET", f"{ROOT}/faces{query}", headers=mine)[2])

            page = listed("?page=1&size=2")
            self.assertEqual((page["page_number"], page["page_size"], page["total_pages"], page["total_elements"]),
                             (1, 2, 2, 3))
            self.assertEqual(len(page["faces"]), 1)
            self.assertEqual({face["image_id"] for face in listed("?subject=Mad%200")["faces"]}, {ids[0], ids[2]})
            for path in (f"{ROOT}/faces/{ids[1]}/img", f"/api/v1/static/{key}/images/{ids[1]}"):
                status, headers, content = raw(server, "GET", path, headers=mine)
                self.assertEqual(status, 200)
                self.assertIn(headers["content-type"], ("image/png", "image/jpeg"))
                self.assertGreater(len(content), 1000)
            body = form({}, [("file", self.madonna[0].read_bytes())])
            verified = raw(server, "POST", f"{ROOT}/faces/{ids[0]}/verify", body,
                           {"x-api-key": key, "content-type": "multipart/form-data; boundary=edge"})
            self.assertGreaterEqual(json.loads(verified[2])["result"][0]["similarity"], 0.85, verified)

    def test_with_keep_none_faces_are_known_and_have_no_picture(self):
        key = new_key(self.folder)
        mine = {"x-api-key": key, "content-type": "application/json"}
        with Server(self.folder, "--keep", "none") as server:
            body = json.dumps({"file": base64.b64encode(self.madonna[0].read_bytes()).decode()})
            status, _, content = raw(server, "POST", f"{ROOT}/faces?subject=Madonna", body, mine)
            self.assertEqual(status, 201, content)
            image = json.loads(content)["image_id"]
            listed = json.loads(raw(server, "GET", f"{ROOT}/faces", headers=mine)[2])
            self.assertEqual(listed["faces"], [{"image_id": image, "subject": "Madonna"}])
            self.assertEqual(raw(server, "GET", f"{ROOT}/faces/{image}/img", headers=mine)[0], 404)
            self.assertEqual(raw(server, "DELETE", f"{ROOT}/faces/{image}", headers=mine)[0], 200)
            self.assertEqual(json.loads(raw(server, "GET", f"{ROOT}/faces", headers=mine)[2])["faces"], [])

    def test_who_is_erased_is_no_subject_without_pictures_either(self):
        key = new_key(self.folder)
        mine = {"x-api-key": key, "authorization": f"Bearer {key}", "content-type": "application/json"}
        with Server(self.folder) as server:
            def asks(method, path, body=None):
                status, _, content = raw(server, method, path, json.dumps(body) if body else b"", mine)
                self.assertLess(status, 300, content)
                return json.loads(content)

            picture = base64.b64encode(self.madonna[0].read_bytes()).decode()
            image = asks("POST", f"{ROOT}/faces?subject=Erase%20Me", {"file": picture})["image_id"]
            person = asks("GET", "/api/people")["items"][0]["id"]
            asks("DELETE", f"{ROOT}/faces/{image}")
            self.assertEqual(asks("GET", f"{ROOT}/subjects"), {"subjects": ["Erase Me"]})
            asks("POST", f"/api/people/{person}/erase")
            self.assertEqual(asks("GET", f"{ROOT}/subjects"), {"subjects": []})

    def test_a_subject_that_there_is_no_room_for_is_refused(self):
        key = new_key(self.folder)
        mine = {"x-api-key": key, "content-type": "application/json"}
        with Server(self.folder) as server:
            connection = http.client.HTTPConnection("127.0.0.1", int(port_of(server)), timeout=60)

            def add(name):
                connection.request("POST", f"{ROOT}/subjects", json.dumps({"subject": name}), mine)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())

            for number in range(10_000):
                self.assertEqual(add(f"subject {number}"), (201, {"subject": f"subject {number}"}))
            status, answer = add("one more")
            self.assertEqual((status, answer.get("code")), (400, 36), answer)
            connection.close()
            subjects = json.loads(raw(server, "GET", f"{ROOT}/subjects", headers=mine)[2])["subjects"]
            self.assertEqual(len(subjects), 10_000)


if __name__ == "__main__":
    unittest.main()
