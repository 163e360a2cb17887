"""Runs clips through `facepipe serve`, and says what became of them."""
import contextlib
import datetime
import io
import json
import pathlib
import sqlite3
import sys
import threading
import time
import urllib.parse

from PIL import Image

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "visits")]

import clips as drawing  # noqa: E402
import score  # noqa: E402
from harness import Server, facepipe, photographs, wait_until  # noqa: E402

KNOWN = ("ben_afflek", "elton_john", "jerry_seinfeld")
LEAST_FACE_PX = 60  # of a photograph: less would be blown up


def cut(image, box):
    """The face with its surroundings: what else a photograph shows may be another face, on a record's cover."""
    width, height = box[2] - box[0], box[3] - box[1]
    left, top = max(0, round(box[0] - 0.6 * width)), max(0, round(box[1] - 0.5 * height))
    right, bottom = min(image.width, round(box[2] + 0.6 * width)), min(image.height, round(box[3] + 0.5 * height))
    return drawing.Photo(image.crop((left, top, right, bottom)), (box[0] - left, box[1] - top, box[2] - left, box[3] - top))


def load_photos():
    """{person: [Photo]} of the photographs that show one face well, and that nobody was enrolled with."""
    people = {}
    for person in sorted({path.parent.name for path in photographs("val")}):
        files = photographs("val", person)
        found = json.loads("[" + ",".join(facepipe("detect", *files).stdout.splitlines()) + "]")
        photos = []
        for path, entry in zip(files, found):
            faces = entry["faces"]
            if len(faces) == 1 and faces[0]["confidence"] > 0.99:
                box = tuple(faces[0]["box"])
                if min(box[2] - box[0], box[3] - box[1]) >= LEAST_FACE_PX:
                    photos.append(cut(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"), box))
        people[person] = photos
    return people


def enrol(data):
    for person in KNOWN:
        facepipe("people", "--data", data, "add", "--largest", person, *photographs("train", person),
                 check=False)  # a few are refused: turned away


class Run:
    """One clip at one rate, through a camera of its own."""

    def __init__(self, clip, rate, began):
        self.clip, self.rate, self.began = clip, rate, began
        self.camera = f"{clip.name} at {rate} a second"
        self.times = [i / rate for i in range(int(clip.seconds * rate))]
        self.truth = []
        self.faces = 0

    def request_id(self, i):
        return f"{self.camera} {i}"

    def send(self, server):
        canvas = drawing.background(self.clip.name)
        for i, t in enumerate(self.times):
            picture, faces = drawing.draw(self.clip, t, canvas)
            self.truth.append(faces)
            query = urllib.parse.urlencode({"request_id": self.request_id(i), "filename": "f.jpg", "camera": self.camera,
                                            "time": self.began + round(1000 * t)})
            status, _, answer = server.request(path="?" + query, body=picture, headers={"content-type": "image/jpeg"})
            assert status == 200, (status, answer)
            self.faces += answer.get("faces", 0)


def run_all(data, clips, rates, timeout, threads=2):
    """Sends every clip at every rate; returns the runs, and events and final visits out of the store."""
    began = int(time.time() * 1000) - 3_600_000  # an hour ago: no frame may be of the future
    runs = [Run(clip, rate, began) for clip in clips for rate in rates]
    waiting, failures, lock = list(runs), [], threading.Lock()

    def work():
        while waiting and not failures:
            try:
                with lock:
                    run = waiting.pop() if waiting else None
                if run:
                    run.send(server)
            except Exception as failure:  # told by whoever started it
                failures.append(failure)

    # With one worker the frames of a camera are recognised in their order, however many wait.
    with Server(data, "--visit-timeout", timeout, "--workers", 1) as server:
        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if failures:
            raise failures[0]
        faces = sum(run.faces for run in runs)
        wait_until(lambda: metric(server, "facepipe_faces_kept_total") == faces, f"{faces} faces kept")
        wait_until(lambda: metric(server, "facepipe_visits_open") == 0, "every visit is over", timeout + 60)
    return runs, *read_store(pathlib.Path(data) / "faces.db")


def metric(server, name):
    text = server.request("GET", "metrics")[2]
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name + " "))


def read_store(file):
    """(events, {face id: its visit in the end})"""
    with contextlib.closing(sqlite3.connect(file)) as store:
        events = [(kind, json.loads(text)) for kind, text in store.execute("SELECT type, json FROM event ORDER BY id")]
        visits = {f"{face & (2**64 - 1):016x}": None if visit is None else f"{visit & (2**64 - 1):016x}"
                  for face, visit in store.execute("SELECT id, visit FROM face")}
    return events, visits


def milliseconds(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class Result:
    """What became of one run."""

    def __init__(self, run, events, visits):
        self.run = run
        self.tracks = score.Tracks()
        found, told = {}, {}  # request id -> [(visit, box)]; -> {visit: name of the face}
        for kind, event in events:
            face = event.get("face")
            if kind == "face.seen" and face["camera"] == run.camera and visits[face["id"]]:
                visit = visits[face["id"]]
                found.setdefault(face["request_id"], []).append((visit, tuple(face["box"][side] for side in ("x1", "y1", "x2", "y2"))))
                told.setdefault(face["request_id"], {})[visit] = face["name"]
        for i, faces in enumerate(run.truth):
            self.tracks.add([((face.person, face.stay), face.box) for face in faces], found.get(run.request_id(i), []))
        self.split, self.merged = self.tracks.split_and_merged()
        self.named = {event["visit"]["id"]: (milliseconds(event["visit"]["last_seen"]), event["visit"]["name"])
                      for kind, event in reversed(events) if kind == "visit.named"}
        # The groups of unknown faces that its visits were of in the end.
        self.groups = {event["visit"]["id"]: event["visit"]["unknown"] for kind, event in events if kind == "visit.ended"}
        self.ended = sum(kind == "visit.ended" and event["visit"]["camera"] == run.camera for kind, event in events)
        self.started = sum(kind == "visit.started" and event["visit"]["camera"] == run.camera for kind, event in events)
        self.waits, self.wrong, self.unnamed = [], 0, 0
        for (person, _), counts in self.tracks.visits_of().items():
            self.look_at_name(person, counts.most_common(1)[0][0], told)

    def groups_of(self, person):
        """Of each stay of a stranger the group of its visit."""
        return [self.groups.get(counts.most_common(1)[0][0]) for (name, _), counts in self.tracks.visits_of().items()
                if name == person]

    def look_at_name(self, person, visit, told):
        """Frames from the first in which the recogniser knew the face until the visit had the name: 1 is at once."""
        right = [i for i in range(len(self.run.times)) if told.get(self.run.request_id(i), {}).get(visit) == person]
        named = self.named.get(visit)
        if named is not None and named[1] != person:
            self.wrong += 1
        if not right:
            return
        if named is None:
            self.unnamed += 1
            return
        self.waits.append(round((named[0] - self.run.began) / 1000 * self.run.rate) - right[0] + 1)


def results_of(data, clips, rates, timeout):
    runs, events, visits = run_all(data, clips, rates, timeout)
    return [Result(run, events, visits) for run in runs]
