#!/usr/bin/env python3
"""groups.py OUT.json FOLDER...: photographs of strangers through `facepipe serve`, one frame each, in an order drawn by chance:
which of them land in one group? A folder holds a folder of photographs of each person, as data sets do. Of a photograph the
largest face counts. Prints and writes, for each folder:
  purity   share of the grouped faces that are of the person whom their group has most of
  mixed    share of the groups with faces of more than one person
  whole    share of the people with several grouped faces who are one group
  excess   groups too many, as a share of the faces that should have joined another
  left     share of the faces without a group: too poor to found one"""
import collections
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run_clips  # noqa: E402
from harness import Server, wait_until  # noqa: E402

SEED = int(os.environ.get("GROUPS_SEED", "1"))


def send_all(server, pictures):
    """How many faces they have."""
    waiting, faces, lock = list(enumerate(pictures)), [], threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                number, path = waiting.pop(0)
            query = urllib.parse.urlencode({"request_id": str(number), "filename": "f.jpg"})
            status, _, answer = server.request(path="?" + query, body=path.read_bytes(), headers={"content-type": "image/jpeg"})
            assert status == 200, (status, answer)
            with lock:
                faces.append(answer.get("faces", 0))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(faces)


def measure(folder):
    pictures = sorted(path for path in folder.glob("*/*") if path.is_file())
    random.Random(SEED).shuffle(pictures)
    with tempfile.TemporaryDirectory() as data:
        with Server(data) as server:
            faces = send_all(server, pictures)
            wait_until(lambda: run_clips.metric(server, "facepipe_faces_kept_total") == faces, f"{faces} faces kept", 900)
        events, _ = run_clips.read_store(pathlib.Path(data) / "faces.db")
    labels = [(pictures[int(event["face"]["request_id"])].parent.name, event["face"]["unknown"])
              for kind, event in events if kind == "face.seen" and event["face"]["index"] == 0]
    return figures(labels)


def figures(labels):
    groups, people = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for person, group in labels:
        if group:
            groups[group][person] += 1
            people[person][group] += 1
    grouped = sum(sum(counts.values()) for counts in groups.values())
    several = [counts for counts in people.values() if sum(counts.values()) > 1]
    return {"faces": len(labels), "people": len({person for person, _ in labels}), "groups": len(groups),
            "purity": sum(max(counts.values()) for counts in groups.values()) / grouped,
            "mixed": sum(len(counts) > 1 for counts in groups.values()) / len(groups),
            "whole": sum(len(counts) == 1 for counts in several) / max(1, len(several)),
            "excess": sum(len(counts) - 1 for counts in several) / max(1, sum(sum(counts.values()) - 1 for counts in several)),
            "left": 1 - grouped / len(labels)}


def main():
    results = {}
    for name in sys.argv[2:]:
        results[pathlib.Path(name).name] = measure(pathlib.Path(name))
        print(pathlib.Path(name).name, " ".join(f"{key}={value:.4g}" for key, value in results[pathlib.Path(name).name].items()))
    pathlib.Path(sys.argv[1]).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
