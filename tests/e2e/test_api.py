"""The API of a running server: roles, sign-in, people, faces and visits from a picture to an undo."""
import collections
import datetime
import http.client
import json
import time
import unittest
import urllib.parse

from event_stream import Subscriber
from harness import Server, TemporaryFolderTest, facepipe, photographs, wait_until
from test_access import port_of


def form(fields, files):
    """multipart/form-data: (body, headers)"""
    parts = []
    for name, value in fields.items():
        parts.append(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, path in files:
        parts.append(f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{path.name}"\r\n\r\n'.encode()
                     + path.read_bytes() + b"\r\n")
    return b"".join(parts) + b"--b--\r\n", {"content-type": "multipart/form-data; boundary=b"}


class Client:
    def __init__(self, server, **headers):
        self.port, self.headers = port_of(server.url), {name.replace("_", "-"): value for name, value in headers.items()}

    def __call__(self, method, path, body=None, **headers):
        """(status, headers, JSON or bytes)"""
        headers = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), headers | {"content-type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        content = response.read()
        assert response.headers["content-length"] is not None or response.status in (204, 304), "an answer has a length"
        assert response.headers["transfer-encoding"] is None, "an answer is not chunked"
        assert response.headers["x-content-type-options"] == "nosniff"
        connection.close()
        is_json = response.headers.get_content_type() == "application/json" and content
        return response.status, response.headers, json.loads(content) if is_json else content

    def get(self, path, **query):
        status, _, answer = self("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))
        assert status == 200, (path, status, answer)
        return answer

    def enrol(self, name, photos):
        body, headers = form({"name": name, "largest": "true"}, [("pictures", photo) for photo in photos])
        status, _, answer = self("POST", "/api/people", body, content_type=headers["content-type"])
        assert status == 201, answer
        return answer

    def frame(self, photo, wait=30, **query):
        status, _, answer = self("POST", "/api/frames?" + urllib.parse.urlencode({"wait": wait} | query), photo.read_bytes(),
                                 content_type="image/jpeg")
        assert status in (200, 202), answer
        return status, answer


class Roles(TemporaryFolderTest):
    def token(self, role, *arguments):
        return facepipe("token", "add", role, "--role", role, *arguments, "--data", self.folder).stdout.strip()

    def test_each_may_do_what_it_says(self):
        tokens = {role: self.token(role) for role in ("frames", "read", "manage")}
        self.assertRegex(self.token("manage", "--uuid"), r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        photo = photographs("val", "madonna")[0]
        with Server(self.folder) as server:
            def statuses(**headers):
                client = Client(server, **headers)
                return [client(method, path, photo.read_bytes() if method == "POST" else None, content_type="image/jpeg")[0]
                        for method, path in (("POST", "/?request_id=1&filename=a"), ("POST", "/api/frames"), ("GET", "/api/faces"),
                                             ("POST", "/api/search"), ("PUT", "/api/settings"), ("GET", "/api/session"),
                                             ("GET", "/metrics"))]
            self.assertEqual(statuses(), [401, 401, 401, 401, 401, 200, 401])
            for role, expected in (("frames", [200, 202, 403, 403, 403, 200, 200]), ("read", [403, 403, 200, 200, 403, 200, 200]),
                                   ("manage", [200, 202, 200, 200, 415, 200, 200])):
                self.assertEqual(statuses(authorization="Bearer " + tokens[role]), expected, role)
            sender = Client(server, authorization="Bearer " + tokens["frames"])
            status, answer = sender.frame(photo)
            self.assertEqual((status, answer["items"]), (202, []), "who may only send does not get to read")

    def test_a_browser_signs_in_and_its_session_ends_with_the_token(self):
        token = self.token("manage")
        with Server(self.folder) as server:
            client = Client(server)
            origin = f"http://127.0.0.1:{client.port}"
            self.assertEqual(client.get("/api/session"), {"sign_in_needed": True, "role": None, "name": ""})
            self.assertEqual(client("POST", "/api/session", {"token": "wrong"})[0], 401)
            status, headers, answer = client("POST", "/api/session", {"token": token})
            self.assertEqual((status, answer["role"], answer["name"]), (200, "manage", "manage"))
            cookie = headers["set-cookie"]
            for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
                self.assertIn(attribute, cookie)
            self.assertNotIn(token, cookie)
            page = Client(server, cookie=cookie.split(";")[0])
            self.assertEqual(page.get("/api/session")["role"], "manage")
            self.assertEqual(page("GET", "/api/faces")[0], 200)
            share = {"strangers": 0.02}
            self.assertEqual(page("PUT", "/api/settings", share)[0], 403, "nothing says that a page of ours sent it")
            self.assertEqual(page("PUT", "/api/settings", share, origin="https://evil.example")[0], 403)
            self.assertEqual(page("PUT", "/api/settings", share, sec_fetch_site="cross-site")[0], 403)
            self.assertNotIn(page("PUT", "/api/settings", share, origin=origin)[0], (401, 403))
            self.assertNotIn(page("PUT", "/api/settings", share, sec_fetch_site="same-origin")[0], (401, 403))
            other = Client(server, cookie=client("POST", "/api/session", {"token": token})[1]["set-cookie"].split(";")[0])
            self.assertEqual(other("DELETE", "/api/session")[0], 204)
            self.assertEqual(other("GET", "/api/faces")[0], 401)
            self.assertEqual(page("GET", "/api/faces")[0], 200)
            (listed,) = facepipe("token", "list", "--data", self.folder).stdout.splitlines()
            facepipe("token", "revoke", "--data", self.folder, listed.split("\t")[0])
            self.assertEqual(page("GET", "/api/faces")[0], 401)
            # Twenty at once, and one more every 5 s: it takes as many more as the machine is slow.
            for tries in range(1, 100):
                status, headers, _ = client("POST", "/api/session", {"token": "wrong"})
                if status != 401:
                    break
            self.assertEqual((status, headers["retry-after"]), (429, "1"))
            self.assertGreaterEqual(tries, 20, "one was wrong before")
        self.assertNotIn(token, server.log_path.read_text())


class Resources(TemporaryFolderTest):
    def setUp(self):
        super().setUp()
        self.madonna, self.elton = photographs("train", "madonna"), photographs("val", "elton_john")

    def test_from_a_frame_to_an_undo(self):
        with Server(self.folder) as server:
            client = Client(server)
            added = client.enrol("Madonna", self.madonna[:4])
            person = added["person"]
            self.assertEqual(client("POST", "/api/people", *form({"name": "Madonna"}, [("pictures", self.madonna[5])])[:1],
                                    content_type="multipart/form-data; boundary=b")[0], 409)
            status, answer = client.frame(self.madonna[6], camera="door", request_id="one")
            self.assertEqual(status, 200)
            (face,) = answer["items"]
            self.assertEqual((face["name"], face["person"], face["camera"]), ("Madonna", person, "door"))
            self.assertEqual(client.get("/api/faces", request_id="one")["items"], [face])
            status, headers, picture = client("GET", face["image"])
            self.assertEqual((status, picture[:2] in (b"\xff\xd8", b"\x89P")), (200, True))
            self.assertEqual(client("GET", face["image"], if_none_match=headers["etag"])[0], 304)
            self.assertEqual(client("HEAD", face["image"])[0], 200)

            _, stranger = client.frame(self.elton[0], camera="hall")
            unknown = stranger["items"][0]
            self.assertIsNone(unknown["person"])
            assigned = client("POST", f"/api/faces/{unknown['id']}/enrol", {"name": "Elton", "force": True})
            self.assertEqual(assigned[0], 201, assigned)
            self.assertEqual({one["name"] for one in client.get("/api/people")["items"]}, {"Madonna", "Elton"})
            self.assertEqual(client("POST", f"/api/faces/{face['id']}/assign", {"name": "Elton"})[0], 200)
            self.assertEqual(client.get(f"/api/faces/{face['id']}")["name"], "Elton")
            change = client.get("/api/changes")["items"][0]
            self.assertEqual((change["action"], change["undoable"]), ("face.assign", True), change)
            self.assertEqual(client("POST", "/api/undo", {"change": change["id"]})[0], 200)
            self.assertEqual(client.get(f"/api/faces/{face['id']}")["name"], "Madonna")

            self.assertEqual(client("PATCH", f"/api/people/{person}", {"name": "Louise"})[0], 200)
            self.assertEqual(client.get(f"/api/faces/{face['id']}")["name"], "Louise", "the name as it is now")
            pictures = client.get(f"/api/people/{person}/pictures")["items"]
            self.assertEqual(len(pictures), 4)
            self.assertEqual(client("GET", pictures[0]["image"])[0], 200)
            self.assertEqual(client("DELETE", f"/api/pictures/{pictures[0]['id']}")[0], 200)
            self.assertEqual(client.get(f"/api/people/{person}")["pictures"], 3)
            (other,) = [one["id"] for one in client.get("/api/people")["items"] if one["name"] == "Elton"]
            merged = client("POST", f"/api/people/{other}/merge", {"into": person})
            self.assertEqual(merged[0], 200, merged)
            self.assertEqual(client("GET", f"/api/people/{other}")[0], 404)
            self.assertEqual(client("POST", "/api/undo", {"change": merged[2]["change"]})[0], 200)
            self.assertEqual(client.get(f"/api/people/{other}")["name"], "Elton")
            self.assertGreater(client("POST", f"/api/people/{person}/erase")[2]["records"], 0)
            self.assertEqual(client("GET", f"/api/people/{person}")[0], 404)
            self.assertEqual(client("GET", face["image"])[0], 404)

    def test_the_last_frame_of_a_camera_has_its_faces(self):
        with Server(self.folder) as server:
            client = Client(server)
            client.enrol("Madonna", self.madonna[:4])
            self.assertEqual(client("GET", "/api/cameras/front%20door")[0], 404)
            _, sent = client.frame(self.madonna[6], camera="front door", request_id="one")
            camera = client.get("/api/cameras/front%20door")
            last = camera["last"]
            self.assertEqual((camera["name"], last["request_id"], last["complete"]), ("front door", "one", True))
            self.assertEqual(last["faces"], sent["items"], "no frame is kept, and its faces are known all the same")
            self.assertEqual(last["faces"][0]["name"], "Madonna")
            box = last["faces"][0]["box"]
            self.assertTrue(0 <= box["x1"] < box["x2"] <= last["width"] and 0 <= box["y1"] < box["y2"] <= last["height"], last)
            status, headers, picture = client("GET", last["image"])
            self.assertEqual((status, headers["cache-control"], picture[:2]), (200, "private, no-cache", b"\xff\xd8"))
            self.assertLessEqual(max(last["picture_width"], last["picture_height"]), 640)
            self.assertAlmostEqual(last["picture_width"] / last["picture_height"], last["width"] / last["height"], delta=0.05)
            # Erased: the face, its picture in the frame, and what its visit was known by.
            face = last["faces"][0]
            self.assertEqual(client.get(f"/api/visits/{face['visit']}")["best_face"], face["id"])
            self.assertEqual(client("DELETE", f"/api/faces/{face['id']}")[0], 200)
            self.assertEqual(client("GET", last["image"])[0], 404)
            self.assertEqual(client("GET", f"/api/visits/{face['visit']}")[0], 404, "its only face is gone")
            _, sent = client.frame(self.elton[0], camera="front door", request_id="two")
            self.assertEqual(client.get("/api/cameras/front%20door")["last"]["faces"], sent["items"])

    def test_a_visit_goes_on_without_an_erased_face(self):
        with Server(self.folder, "--visit-timeout", 600) as server:  # however long a frame takes
            client = Client(server)
            client.enrol("Madonna", self.madonna[:4])
            faces = [client.frame(photo, camera="door")[1]["items"][0] for photo in self.madonna[5:8]]
            self.assertEqual(len({face["visit"] for face in faces}), 1)
            before = client.get(f"/api/visits/{faces[0]['visit']}")
            self.assertEqual(client("DELETE", f"/api/faces/{before['best_face']}")[0], 200)
            after = client.get(f"/api/visits/{faces[0]['visit']}")
            self.assertEqual((after["frames"], after["name"]), (before["frames"] - 1, "Madonna"))
            self.assertIn(after["best_face"], {face["id"] for face in faces} - {before["best_face"]})
            again = client.frame(self.madonna[8], camera="door")[1]["items"][0]
            self.assertEqual(again["visit"], before["id"])
            self.assertEqual(client.get(f"/api/visits/{before['id']}")["frames"], before["frames"])

    def test_a_persons_pictures_by_likeness(self):
        with Server(self.folder) as server:
            client = Client(server)
            person = client.enrol("Madonna", [*self.madonna[:5], self.elton[0]])["person"]
            client.enrol("Elton", photographs("train", "elton_john")[:3])
            pictures, cursor = [], {}
            while cursor is not None:
                page = client.get(f"/api/people/{person}/pictures", order="likeness", limit=2, **cursor)
                pictures += page["items"]
                cursor = {"cursor": page["next"]} if page["next"] else None
            self.assertEqual(len({picture["id"] for picture in pictures}), 6)
            likenesses = [picture["likeness"] for picture in pictures]
            self.assertEqual(likenesses, sorted(likenesses))
            stranger = pictures[0]
            self.assertEqual((stranger["doubt"], stranger["other_name"]), ("resembles", "Elton"), stranger)
            self.assertLess(stranger["likeness"], pictures[1]["likeness"] - 0.1)
            enrolled = client.get(f"/api/people/{person}/pictures")["items"]
            self.assertEqual(enrolled[-1], stranger, "the order of enrolment, with the same said of each")
            page = client.get(f"/api/people/{person}/pictures", limit=2)
            self.assertEqual(client("GET", f"/api/people/{person}/pictures?order=likeness&cursor={page['next']}")[0], 422)
            doubtful = {one["name"]: one["doubtful"] for one in client.get("/api/people", health="true")["items"]}
            check = facepipe("people", "check", "--json", "--data", self.folder, check=False).stdout.splitlines()
            told = collections.Counter(json.loads(line)["name"] for line in check)
            self.assertEqual(doubtful, {name: told[name] for name in ("Madonna", "Elton")}, "people check says the same")
            self.assertEqual({one["doubtful"] for one in client.get("/api/people")["items"]}, {None})
            self.assertEqual(client.get(f"/api/people/{person}")["doubtful"], 1)

    def test_pages_hold_each_face_once(self):
        with Server(self.folder) as server:
            client = Client(server)
            client.enrol("Madonna", self.madonna[:3])
            for photo in self.madonna[4:9]:
                client.frame(photo)
            every = [face["id"] for face in client.get("/api/faces")["items"]]
            paged, cursor = [], {}
            while cursor is not None:
                page = client.get("/api/faces", limit=2, **cursor)
                paged += [face["id"] for face in page["items"]]
                cursor = {"cursor": page["next"]} if page["next"] else None
            self.assertEqual(paged, every)
            self.assertGreaterEqual(len(every), 5)

    def test_pictures_are_looked_at_and_nothing_is_kept(self):
        with Server(self.folder) as server:
            client = Client(server)
            client.enrol("Madonna", self.madonna[:4])
            status, _, sight = client("POST", "/api/search?nearest=1", self.madonna[6].read_bytes(), content_type="image/jpeg")
            self.assertEqual((status, sight["faces"][0]["name"]), (200, "Madonna"))
            self.assertEqual(sight["faces"][0]["nearest"][0]["name"], "Madonna")
            body, headers = form({}, [("first", self.madonna[0]), ("second", self.madonna[1])])
            same = client("POST", "/api/compare", body, content_type=headers["content-type"])[2]
            body, headers = form({}, [("first", self.madonna[0]), ("second", self.elton[0])])
            other = client("POST", "/api/compare", body, content_type=headers["content-type"])[2]
            self.assertLess(same["distance"], other["distance"])
            self.assertEqual((same["same"], other["same"]), (True, False))
            self.assertEqual(client.get("/api/faces")["items"], [])
            self.assertEqual(client("POST", "/api/search", b"no picture", content_type="image/jpeg")[0], 422)

    def test_a_frame_without_a_face_and_one_without_a_wait(self):
        with Server(self.folder) as server:
            client = Client(server)
            status, answer = client.frame(self.madonna[0], wait=0, request_id="later")
            self.assertEqual((status, answer["complete"], answer["faces"]), (202, False, 1))
            wait_until(lambda: client.get("/api/faces", request_id="later")["items"], "the face is kept")

    def test_a_wait_is_for_the_frame_whatever_time_it_tells(self):
        with Server(self.folder) as server:
            client = Client(server)
            taken = int(time.time() - 3600) * 1000
            body, headers = form({"time": taken, "request_id": "an hour ago"}, [("picture", self.madonna[0])])
            status, _, answer = client("POST", "/api/frames?wait=30&camera=door", body, content_type=headers["content-type"])
            self.assertEqual((status, answer["complete"], len(answer["items"])), (200, True, 1))
            moment = datetime.datetime.fromisoformat(answer["items"][0]["time"].replace("Z", "+00:00"))
            self.assertEqual(moment.timestamp() * 1000, taken)

    def test_what_is_said_is_told_once_and_what_is_erased_is_in_no_frame(self):
        with Server(self.folder, "--keep-frames", "1d") as server:
            client = Client(server)
            person = client.enrol("Madonna", self.madonna[:4])["person"]
            face = client.frame(photographs("train", "elton_john")[3], camera="hall", request_id="kept")[1]["items"][0]
            self.assertEqual(client("POST", f"/api/visits/{face['visit']}/assign", {"name": "Madonna"})[0], 200)
            self.assertEqual(client("PATCH", f"/api/people/{person}", {"name": "Louise"})[0], 200)
            events = Subscriber(client.port, "?last_event_id=0")
            while not any(event["type"] == "person.renamed" for event in events.events):
                self.assertFalse(events.closed)
                events.read()
            events.close()
            corrected = [event["data"]["visit"] for event in events.events if event["type"] == "visit.corrected"]
            self.assertEqual([(visit["id"], visit["name"], visit["corrected_by"]) for visit in corrected],
                             [(face["visit"], "Madonna", "anybody")])
            self.assertEqual(client("GET", "/api/frames/kept/image")[0], 200)
            self.assertEqual(client("POST", f"/api/people/{person}/erase")[0], 200)
            self.assertEqual(client("GET", "/api/frames/kept/image")[0], 404)
            self.assertEqual(client("DELETE", f"/api/faces/{face['id']}")[0], 404, "it went with the person whose it was")

    def test_nothing_is_kept(self):
        with Server(self.folder, "--keep", "none") as server:
            client = Client(server)
            added = client.enrol("Madonna", self.madonna[:4])
            self.assertIsNone(added["change"])
            status, answer = client.frame(self.madonna[6])
            self.assertEqual((status, answer["items"]), (202, []))
            status, _, answer = client("GET", "/api/faces")
            self.assertEqual((status, answer["error"]), (404, "nothing is kept: --keep none"))
        self.assertFalse((self.folder / "faces.db").exists())


if __name__ == "__main__":
    unittest.main()
