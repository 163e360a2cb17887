"""Settings of a running server: shown, tried on the last faces, changed, undone, kept over a restart; what was named at
the start cannot be changed."""
import json
import unittest
import urllib.error
import urllib.request

from harness import KnownPersonTest, Server, facepipe, photographs, wait_until


class Settings(KnownPersonTest):
    def call(self, server, method, path, body=None):
        request = urllib.request.Request(server.url + path, method=method, headers={"content-type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def test_the_effect_is_told_before_and_is_what_happens(self):
        photos = [*photographs("val", "madonna")[:2], *photographs("val", "elton_john")[:2], *photographs("val", "jerry_seinfeld")[:2]]
        with Server(self.data) as server:
            self.recognise(server, photos)
            faces = wait_until(lambda: self.call(server, "GET", "api/faces")[1]["items"], "kept faces")
            self.assertGreaterEqual(len(faces), len(photos))
            proposed = {"strangers": 0.3, "min_quality": 0.05}
            status, told = self.call(server, "POST", "api/settings/preview", proposed)
            self.assertEqual(status, 200, told)
            naming = told["naming"]
            self.assertTrue(naming["complete"])
            self.assertEqual(naming["faces"], len(faces))
            self.assertEqual(naming["named_before"], sum(1 for face in faces if face["person"]))
            gained = [face for face in naming["changed"] if face["after"] == "Madonna"]
            self.assertTrue(gained, "at three in ten strangers somebody else is called Madonna")
            with urllib.request.urlopen(server.url + gained[0]["image"].lstrip("/"), timeout=60) as picture:
                self.assertEqual(picture.headers.get_content_maintype(), "image")
            # A gate that nobody passes takes every name.
            _, none = self.call(server, "POST", "api/settings/preview", {"min_quality": 0.999})
            self.assertEqual(none["naming"]["named_after"],
                             sum(1 for face in faces if face["person"] and (face["quality"] or 1) >= 0.999))
            self.assertEqual(self.call(server, "GET", "api/settings")[1]["min_quality"], 0)
            status, settings = self.call(server, "PUT", "api/settings", proposed)
            self.assertEqual(status, 200, settings)
            self.assertEqual((settings["strangers"], settings["min_quality"]), (0.3, 0.05))
            answers = self.recognise(server, photos)
            _, now = self.call(server, "POST", "api/settings/preview", proposed)
            self.assertEqual(now["naming"]["changed"], [])
            self.assertEqual(sum(1 for answer in answers if answer["result"] == "Madonna"), naming["named_after"])
            self.assertEqual(self.call(server, "PUT", "api/settings", {"strangers": 2})[0], 400)

    def test_retention_is_changed_while_it_runs_and_stays(self):
        with Server(self.data) as server:
            self.recognise(server, photographs("val", "madonna")[:1])
            wait_until(lambda: self.call(server, "GET", "api/system")[1]["kept"]["crops"] > 0, "a kept picture")
            _, before = self.call(server, "GET", "api/settings")
            self.assertEqual(before["retention"]["known"], 7 * 86_400)
            self.assertIn("known", before["changeable"])
            _, loss = self.call(server, "POST", "api/settings/preview", {"retention": {"known": 0, "unknown": 0}})
            self.assertGreater(loss["retention"]["faces"], 0)
            self.assertGreater(loss["retention"]["bytes"], 0)
            status, changed = self.call(server, "PUT", "api/settings", {"retention": {"known": 0, "unknown": 0, "frames": 3600}})
            self.assertEqual(status, 200, changed)
            wait_until(lambda: self.call(server, "GET", "api/system")[1]["kept"]["crops"] == 0, "the pictures are gone")
            self.recognise(server, photographs("val", "madonna")[1:2])
            wait_until(lambda: self.call(server, "GET", "api/system")[1]["kept"]["frames"] > 0, "frames are kept from now on")
            self.assertEqual(self.call(server, "GET", "api/system")[1]["kept"]["crops"], 0, "nor is one written")
            change = self.call(server, "GET", "api/changes")[1]["items"][0]
            self.assertEqual((change["action"], change["undoable"]), ("settings.change", True))
        with Server(self.data) as server:
            retention = self.call(server, "GET", "api/settings")[1]["retention"]
            self.assertEqual((retention["known"], retention["frames"]), (0, 3600))
            self.assertEqual(self.call(server, "POST", "api/undo", {"change": change["id"]})[0], 200)
            retention = self.call(server, "GET", "api/settings")[1]["retention"]
            self.assertEqual((retention["known"], retention["frames"]), (7 * 86_400, 0))

    def test_what_was_named_at_the_start_counts(self):
        with Server(self.data) as server:
            self.assertEqual(self.call(server, "PUT", "api/settings", {"retention": {"known": 3600, "unknown": 7200}})[0], 200)
        config = self.folder / "facepipe.toml"
        config.write_text('keep-unknown = "30m"\n')
        with Server(self.data, "--keep-known", "2d", "--strangers", "0.01", "--config", config) as server:
            _, settings = self.call(server, "GET", "api/settings")
            self.assertEqual((settings["retention"]["known"], settings["retention"]["unknown"]), (2 * 86_400, 1800))
            self.assertFalse({"known", "unknown", "strangers"} & set(settings["changeable"]))
            self.assertIn("visits", settings["changeable"])
            self.assertEqual((settings["fixed"]["keep-known"], settings["fixed"]["strangers"]), ("172800s", "0.01"))
            for body in ({"retention": {"known": 60}}, {"retention": {"visits": 3600, "unknown": 60}}, {"strangers": 0.1}):
                status, answer = self.call(server, "PUT", "api/settings", body)
                self.assertEqual(status, 409, answer)
            self.assertEqual(self.call(server, "GET", "api/settings")[1]["retention"]["visits"], 30 * 86_400)
        with Server(self.data) as server:
            retention = self.call(server, "GET", "api/settings")[1]["retention"]
            self.assertEqual((retention["known"], retention["unknown"]), (3600, 7200), "left out again: as it was changed")

    def test_roles(self):
        read = facepipe("token", "add", "reader", "--role", "read", "--data", self.data).stdout.strip()
        facepipe("token", "add", "manager", "--role", "manage", "--data", self.data)
        with Server(self.data) as server:
            headers = {"content-type": "application/json", "authorization": f"Bearer {read}"}
            ask = lambda path, body: server.request(path=path, body=json.dumps(body).encode(), headers=headers)[0]  # noqa: E731
            self.assertEqual(ask("api/settings/preview", {"retention": {"known": 60}}), 200)
            self.assertEqual(ask("api/outputs/test", {"output": "x"}), 403)
            self.assertEqual(server.request("GET", "api/system/dead-letters", headers=headers)[0], 200)
            self.assertEqual(server.request("GET", "api/system/dead-letters", headers={})[0], 401)

    def test_rates_of_the_last_minute(self):
        with Server(self.data) as server:
            self.recognise(server, photographs("val", "madonna")[:3])
            system = wait_until(lambda: (lambda got: got if got["answers"]["count"] >= 3 else None)(
                self.call(server, "GET", "api/system")[1]), "answers")
            self.assertEqual(system["frames"]["count"], 3)
            self.assertGreater(system["frames"]["per_second"], 0)
            for rate in (system["frames"], system["answers"]):
                self.assertGreater(rate["p50_seconds"], 0)
                self.assertGreaterEqual(rate["p99_seconds"], rate["p50_seconds"])
            _, _, text = server.request("GET", "metrics")
            self.assertIn("facepipe_frame_seconds_count 3", text)
            self.assertIn("facepipe_answer_seconds_bucket", text)


if __name__ == "__main__":
    unittest.main()
