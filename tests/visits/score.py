"""How well visits tell people apart: HOTA and IDF1 (trackeval), visits a stay, frames until a name."""
import collections

import numpy as np
from trackeval.metrics import HOTA, Identity

SAME_BOX = 0.5  # IoU from which a face that was found is the one that is there


def iou(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(0, width) * max(0, height)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


class Tracks:
    """The frames of one clip at one rate. truth: [(identity, box)], found: [(visit, box)] of each frame."""

    def __init__(self):
        self.truth, self.found = [], []

    def add(self, truth, found):
        self.truth.append(truth)
        self.found.append(found)

    @staticmethod
    def numbered(frames):
        names = {}
        ids = [np.array([names.setdefault(name, len(names)) for name, _ in frame], dtype=int) for frame in frames]
        return ids, len(names)

    def data(self):
        truth_ids, truths = self.numbered(self.truth)
        found_ids, founds = self.numbered(self.found)
        similarity = [np.array([[iou(one, other) for _, other in found] for _, one in truth], dtype=float)
                      .reshape(len(truth), len(found)) for truth, found in zip(self.truth, self.found)]
        return {"gt_ids": truth_ids, "tracker_ids": found_ids, "similarity_scores": similarity, "num_timesteps": len(self.truth),
                "num_gt_ids": truths, "num_tracker_ids": founds, "num_gt_dets": sum(map(len, self.truth)),
                "num_tracker_dets": sum(map(len, self.found))}

    def visits_of(self):
        """{identity: Counter of the visits that its faces were part of}, matched box by box."""
        visits = collections.defaultdict(collections.Counter)
        for truth, found in zip(self.truth, self.found):
            for name, box in truth:
                best = max(found, key=lambda one: iou(box, one[1]), default=None)
                if best is not None and iou(box, best[1]) >= SAME_BOX:
                    visits[name][best[0]] += 1
        return visits

    def split_and_merged(self):
        """Visits too many of a stay, and visits that are several people's."""
        visits = self.visits_of()
        owners = collections.defaultdict(set)
        for name, counts in visits.items():
            for visit in counts:
                owners[visit].add(name)
        return sum(max(0, len(counts) - 1) for counts in visits.values()), sum(len(names) > 1 for names in owners.values())


def scores(all_tracks):
    """{"HOTA", "IDF1"} of several clips together, as trackeval combines sequences."""
    quiet = {"PRINT_CONFIG": False}
    hota, identity = HOTA(), Identity({"THRESHOLD": SAME_BOX} | quiet)
    data = [tracks.data() for tracks in all_tracks]
    combined_hota = hota.combine_sequences({i: hota.eval_sequence(one) for i, one in enumerate(data)})
    combined_identity = identity.combine_sequences({i: identity.eval_sequence(one) for i, one in enumerate(data)})
    return {"HOTA": float(np.mean(combined_hota["HOTA"])), "IDF1": float(combined_identity["IDF1"])}
