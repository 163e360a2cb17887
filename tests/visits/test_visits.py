"""Clips of people who come and go, through `facepipe serve`: one visit of each stay, and the right name on it at once."""
import sys
import unittest

import run_clips  # first: it finds the other folders
import clips as drawing
import score
from harness import Server, TemporaryFolderTest, facepipe, photographs, wait_until

RATES = (1, 2, 5)
TIMEOUT = 10
LEAST_IDF1, LEAST_HOTA = 0.95, 0.85
SHOWN = ("three", "returning", "again", "crossing")


class Visits(TemporaryFolderTest):
    def test_one_visit_of_each_stay_and_its_name(self):
        run_clips.enrol(self.folder)
        clips = [clip for clip in drawing.make_clips(run_clips.load_photos(), TIMEOUT) if clip.name in SHOWN]
        self.assertEqual(len(clips), len(SHOWN))
        results = run_clips.results_of(self.folder, clips, RATES, TIMEOUT)
        for rate in RATES:
            those = [result for result in results if result.run.rate == rate]
            figures = score.scores([result.tracks for result in those])
            print(f"visits: fps={rate} HOTA={figures['HOTA']:.3f} IDF1={figures['IDF1']:.3f}", file=sys.stderr)
            self.assertGreaterEqual(figures["IDF1"], LEAST_IDF1, rate)
            self.assertGreaterEqual(figures["HOTA"], LEAST_HOTA, rate)
        for result in results:
            with self.subTest(result.run.camera):
                if not result.run.clip.crossing:
                    self.assertEqual((result.split, result.merged), (0, 0))
                    stays = {(face.person, face.stay) for frame in result.run.truth for face in frame}
                    self.assertEqual(result.started, len(stays))
                self.assertEqual(result.ended, result.started)
                self.assertEqual((result.wrong, result.unnamed), (0, 0))
                self.assertTrue(all(wait <= 2 for wait in result.waits), result.waits)
        # A stranger who comes back after the visit is over has the group of before, in front of every camera.
        groups = {group for result in results if result.run.clip.name == "again" for group in result.groups_of("mindy_kaling")}
        self.assertEqual(len(groups), 1, groups)

    def test_answers_say_which_face_and_visit_and_a_start_goes_on(self):
        facepipe("people", "--data", self.folder, "add", "--largest", "Ben", *photographs("train", "ben_afflek"), check=False)
        picture = photographs("val", "ben_afflek")[0].read_bytes()
        visits = []
        for turn in range(2):
            with Server(self.folder, "--visit-timeout", 600) as server:  # a start may take a while
                for i in range(2):
                    status, _, answer = server.request(path=f"?request_id=r{turn}{i}&filename=f&camera=front%20door", body=picture,
                                                       headers={"content-type": "image/jpeg"})
                    self.assertEqual((status, answer["faces"]), (200, 1))
                wait_until(lambda: run_clips.metric(server, "facepipe_faces_kept_total") == 2, "faces kept")
                wait_until(lambda: run_clips.metric(server, "facepipe_answers_total") == 2, "answered")
                self.assertEqual(run_clips.metric(server, "facepipe_visits_open"), 1)
            events, of_faces = run_clips.read_store(self.folder / "faces.db")
            visits.append(set(of_faces.values()))
        self.assertEqual(visits[0], visits[1], "one visit, before and after the restart")
        self.assertEqual(len(visits[0]), 1)
        self.assertEqual([kind for kind, _ in events if kind.startswith("visit")], ["visit.started", "visit.named"])
        self.assertEqual({event["face"]["camera"] for kind, event in events if kind == "face.seen"}, {"front door"})

    def test_nothing_is_kept_where_nothing_is_to_be(self):
        with Server(self.folder, "--keep", "none") as server:
            server.request(path="?request_id=r&filename=f&camera=door", body=photographs("val", "madonna")[1].read_bytes(),
                           headers={"content-type": "image/jpeg"})
            wait_until(lambda: run_clips.metric(server, "facepipe_answers_total") == 1, "answered")
            self.assertNotIn("facepipe_visits", server.request("GET", "metrics")[2])
        self.assertFalse((self.folder / "faces.db").exists())

    def test_a_frame_of_the_future_is_refused(self):
        with Server(self.folder) as server:
            picture = photographs("val", "madonna")[1].read_bytes()
            for bad in ("9999999999999", "-1", "soon", "2126-01-01T00:00:00Z", "1.5", "99999999999999999999"):
                status, _, answer = server.request(path=f"?request_id=r&filename=f&time={bad}", body=picture,
                                                   headers={"content-type": "image/jpeg"})
                self.assertEqual(status, 400, bad)
                self.assertIn("time: expected", answer["error"])
            status, _, _ = server.request(path="?request_id=r&filename=f&time=2026-01-02T03:04:05.678Z", body=picture,
                                          headers={"content-type": "image/jpeg"})
            self.assertEqual(status, 200)


if __name__ == "__main__":
    unittest.main()
