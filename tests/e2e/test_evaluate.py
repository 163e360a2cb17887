"""facepipe evaluate: figures against a computation of our own, files, what goes on after an interruption, hostile input."""
import csv
import json
import math
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from cut_picture import PERSON, cut_photograph, upper_rows
from earlier_records import earlier_records
from harness import FACENET_PACK, PHOTOS, facepipe, photographs

VAL, TRAIN = PHOTOS / "val", PHOTOS / "train"


def figures(*arguments, check=True):
    return json.loads(facepipe("evaluate", *arguments, "--json", check=check).stdout)


def embeddings(split):
    """[(person, embedding of the largest face)]: the largest comes first."""
    lines = facepipe("embed", PHOTOS / split).stdout.splitlines()
    return [(pathlib.Path(line["file"]).parent.name, line["faces"][0]["embedding"]) for line in map(json.loads, lines)]


def threshold_at(impostors, rate):
    allowed = math.floor(rate * len(impostors) + 1e-9)
    return (impostors[allowed - 1] + impostors[allowed]) / 2


class EvaluateTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.cache = pathlib.Path(temporary.name) / "cache"  # every photograph is embedded once

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)


class Verify(EvaluateTest):
    def test_rates_are_those_of_another_computation(self):
        found = figures("verify", VAL, "--face", "largest", "--far", "0.1,0.02", "--far", "1e-6", "--cache", self.cache)
        known = embeddings("val")
        genuine, impostors, nearest = [], [], 0
        for i, (person, values) in enumerate(known):
            distances = [(math.dist(values, other), k, name) for k, (name, other) in enumerate(known) if k != i]
            nearest += min(distances)[2] == person
            for distance, k, name in distances:
                if k > i:
                    (genuine if name == person else impostors).append(distance)
        impostors.sort()
        self.assertEqual((found["people"], found["faces"], found["photographs"]), (5, 25, 25))
        self.assertEqual((found["genuine_pairs"], found["impostor_pairs"]), (len(genuine), len(impostors)))
        self.assertEqual(found["nearest_right"], nearest)
        for rate, name in ((0.1, "1e-1"), (0.02, "0.02")):
            threshold = threshold_at(impostors, rate)
            self.assertAlmostEqual(found[f"distance_at_far_{name}"], threshold, 4)
            self.assertAlmostEqual(found[f"tar_at_far_{name}"], sum(d <= threshold for d in genuine) / len(genuine), 6)
            self.assertLessEqual(found[f"far_at_far_{name}"], rate)
        self.assertIsNone(found["tar_at_far_1e-6"])  # 250 pairs cannot tell

    def test_people_see_a_table_and_what_is_out_of_reach(self):
        done = facepipe("evaluate", "verify", VAL, "--cache", self.cache)
        self.assertIn("needs 1000000 pairs of different people", done.stdout)
        self.assertEqual(done.stderr, "")  # no progress where there is no terminal

    def test_files_of_the_output_folder(self):
        out = self.folder / "new" / "out"
        found = figures("verify", VAL, "--cache", self.cache, "--out", out, "--worst", 3)
        self.assertEqual(json.loads((out / "verify.json").read_text()), found)
        with open(out / "verify-roc.csv", newline="") as lines:
            rows = list(csv.DictReader(lines))
        rates = [(float(row["false_accept_rate"]), float(row["true_accept_rate"])) for row in rows]
        self.assertEqual(rates, sorted(rates))
        self.assertEqual(rates[-1], (1, 1))
        for name in ("verify-roc.svg", "verify-det.svg"):
            self.assertTrue(ElementTree.parse(out / name).getroot().tag.endswith("svg"))
        sheet = json.loads(facepipe("detect", out / "verify-worst.png").stdout)  # it decodes, and shows faces
        self.assertGreater(len(sheet["faces"]), 3)

    def test_a_name_is_text_in_the_drawings(self):
        folder = self.folder / "pictures"
        for name, split in (("<b>&amp;", "madonna"), ("other", "elton_john")):
            (folder / name).mkdir(parents=True)
            for photo in photographs("val", split)[:2]:
                (folder / name / photo.name).symlink_to(photo)
        figures("verify", folder, "--cache", self.cache, "--out", self.folder / "out")
        ElementTree.parse(self.folder / "out" / "verify-roc.svg")

    def test_nothing_to_compare(self):
        one = facepipe("evaluate", "verify", VAL / "madonna", "--cache", self.cache, check=False)
        self.assertEqual(one.returncode, 2)
        self.assertIn("pairs of one person and of different people, found 10 and 0", one.stderr)
        self.assertEqual(facepipe("evaluate", "verify", self.folder / "none", check=False).returncode, 1)
        bad = facepipe("evaluate", "verify", VAL, "--far", "2", check=False)
        self.assertEqual(bad.returncode, 2)
        self.assertIn("expected a rate between 0 and 1", bad.stderr)


class Resume(EvaluateTest):
    def test_what_is_known_is_not_computed_again(self):
        cache = self.folder / "cache"
        some = figures("identify", VAL / "madonna", "--enrol", VAL / "elton_john", "--cache", cache)
        self.assertEqual(some["from_cache"], 0)
        whole = figures("verify", VAL, "--cache", cache)
        self.assertEqual(whole["from_cache"], 10)
        again = figures("verify", VAL, "--cache", cache)
        self.assertEqual(again.pop("from_cache"), 25)
        self.assertEqual(again, {key: value for key, value in whole.items() if key != "from_cache"})
        other = figures("verify", VAL, "--cache", cache, "--face", "largest")
        self.assertEqual(other["from_cache"], 0)  # another choice of faces has a file of its own
        self.assertEqual(len(list(cache.iterdir())), 2)

    def test_records_of_an_earlier_release_serve_whoever_asks_for_no_quality(self):
        cache = self.folder / "cache"
        whole = figures("verify", VAL, "--cache", cache)
        named = figures("identify", VAL, "--cache", cache)
        file, = cache.iterdir()
        before = earlier_records(file)
        file.write_bytes(before)
        again = figures("verify", VAL, "--cache", cache)
        self.assertEqual(again.pop("from_cache"), 25)
        self.assertEqual(again, {key: value for key, value in whole.items() if key != "from_cache"})
        self.assertEqual(file.read_bytes(), before)
        anew = figures("identify", VAL, "--cache", cache)
        self.assertEqual(anew.pop("from_cache"), 0)  # their quality is not in them
        self.assertEqual(anew, {key: value for key, value in named.items() if key != "from_cache"})
        self.assertEqual(figures("identify", VAL, "--cache", cache)["from_cache"], 25)

    def test_jobs_change_nothing(self):
        one = figures("verify", VAL, "--cache", self.folder / "1", "--jobs", 1)
        three = figures("verify", VAL, "--cache", self.folder / "3", "--jobs", 3)
        self.assertEqual(one, three)

    def test_a_damaged_cache_is_refused_by_name(self):
        cache = self.folder / "cache"
        figures("verify", VAL, "--cache", cache)
        file, = cache.iterdir()
        whole = file.read_bytes()
        for damaged in (whole[:-4], whole[:-4] + bytes(4), b"rubbish"):
            file.write_bytes(damaged)
            done = facepipe("evaluate", "verify", VAL, "--cache", cache, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(file.name, done.stderr)
            self.assertIn("remove it to start anew", done.stderr)


class Identify(EvaluateTest):
    def test_the_package_has_every_name_right(self):
        found = figures("identify", VAL, "--enrol", TRAIN, "--face", "largest", "--cache", self.cache)
        self.assertEqual((found["people_enrolled"], found["known_probes"], found["strangers"]), (5, 25, 0))
        self.assertEqual((found["right_names_count"], found["wrong_names_count"]), (25, 0))

    def test_somebody_left_out_is_a_stranger_without_a_name(self):
        found = figures("identify", VAL, "--enrol", TRAIN, "--face", "largest", "--cache", self.cache,
                        "--without", "madonna")
        self.assertEqual((found["people_enrolled"], found["known_probes"], found["strangers"]), (4, 20, 5))
        self.assertEqual((found["strangers_named_count"], found["right_names_count"]), (0, 20))

    def product(self, enrolled, probes, *pack):
        """Of every probe whose it is, and the largest face, as recognised after an import."""
        data = self.folder / f"data-{len(list(self.folder.iterdir()))}"
        facepipe("people", "--data", data, "import", "--largest", *pack, enrolled, check=False)  # some cannot be told
        lines = map(json.loads, facepipe("recognize", "--data", data, *pack, probes).stdout.splitlines())
        return [(pathlib.Path(line["file"]).parent.name, line["faces"][0]) for line in lines]

    def test_names_are_those_of_the_product(self):
        faces = self.product(TRAIN, VAL)
        found = figures("identify", VAL, "--enrol", TRAIN, "--face", "largest", "--cache", self.cache)
        self.assertEqual(found["right_names_count"], sum(face["name"] == person for person, face in faces))
        # By the rule, not the fixed distance of pairs.
        self.assertAlmostEqual(found["distance_as_shipped"], faces[0][1]["threshold"], 4)
        self.assertGreater(found["enrolment_refused"], 0)
        self.assertEqual(found["embeddings_enrolled"] + found["enrolment_refused"], 93)
        self.assertEqual((found["known_probes_cut"], found["distance_as_shipped_cut"]), (0, None))

    def cut_probes(self):
        """Two enrolled people; probes of them, of whom one is cut deep."""
        enrolled, probes = self.folder / "enrolled", self.folder / "probes"
        cut = cut_photograph(photographs("train", PERSON))
        for person in (PERSON, "elton_john"):
            for folder, split in ((enrolled, "train"), (probes, "val")):
                (folder / person).mkdir(parents=True)
                for photo in [photo for photo in photographs(split, person) if photo != cut][:4]:
                    (folder / person / photo.name).symlink_to(photo)
        (probes / PERSON / "0.jpg").write_bytes(upper_rows(cut.read_bytes()))
        return enrolled, probes

    def test_a_cut_face_is_named_as_the_product_does(self):
        enrolled, probes = self.cut_probes()
        faces = self.product(enrolled, probes)
        cut, whole = (next(face for person, face in faces if person == PERSON and is_cut == ("cut by the edge" in
                           face.get("reasons", []))) for is_cut in (True, False))
        options = ("--face", "largest", "--cache", self.folder / "cache")
        found = figures("identify", probes, "--enrol", enrolled, *options)
        self.assertEqual((found["people_enrolled"], found["known_probes"], found["known_probes_cut"]), (2, 9, 1))
        self.assertEqual(found["right_names_count"], sum(face["name"] == person for person, face in faces))
        self.assertEqual(found["right_names_cut_count"], cut["name"] == PERSON)
        self.assertEqual(found["right_names_cut_count"], 1)
        self.assertAlmostEqual(found["distance_as_shipped"], whole["threshold"], 5)
        self.assertAlmostEqual(found["distance_as_shipped_cut"], cut["threshold"], 5)
        again = figures("identify", probes, "--enrol", enrolled, *options)
        self.assertEqual(again.pop("from_cache"), 17)
        self.assertEqual(again, {key: value for key, value in found.items() if key != "from_cache"})
        self.assertEqual(len(list((self.folder / "cache").iterdir())), 2)  # a file a network
        # As a stranger they have none.
        stranger = figures("identify", probes, "--enrol", enrolled, *options, "--without", PERSON)
        self.assertEqual((stranger["strangers_cut"], stranger["strangers_named_cut_count"]), (1, 0))

    def test_a_pack_without_the_network_has_one_for_all(self):
        enrolled, probes = self.cut_probes()
        pack = ("--pack", FACENET_PACK)
        faces = self.product(enrolled, probes, *pack)
        found = figures("identify", probes, "--enrol", enrolled, "--face", "largest", *pack)
        self.assertEqual(found["known_probes_cut"], 1)
        self.assertEqual(found["right_names_count"], sum(face["name"] == person for person, face in faces))

    def test_half_of_each_person_is_enrolled(self):
        found = figures("identify", VAL, "--cache", self.cache, "--out", self.folder, "--rate", "0.5", "--without",
                        "madonna", "--without", "elton_john")
        self.assertEqual((found["people_enrolled"], found["embeddings_enrolled"]), (3, 6))
        self.assertEqual((found["known_probes"], found["strangers"]), (9, 10))
        self.assertLessEqual(found["right_names_at_strangers_0.5"], found["nearest_right"])
        self.assertTrue((self.folder / "identify-worst.png").exists())
        self.assertTrue((self.folder / "identify-roc.csv").exists())
        figures("identify", VAL, "--cache", self.cache, "--out", self.folder, "--worst", "0")  # without strangers
        self.assertEqual([path.name for path in self.folder.iterdir()], ["identify.json"], "files of the run before")
        other = figures("identify", VAL, "--cache", self.cache, "--seed", 7, "--people-share", 0.6)
        self.assertEqual((other["people_enrolled"], other["known_probes"], other["strangers"]), (3, 9, 10))

    def test_settings_that_do_not_fit(self):
        for arguments, words in ((("--without", "nobody"), "nobody"), (("--people-share", "0"), "share of people"),
                                 (("--rate", "1"), "expected a rate between 0 and 1"), (("--face", "first"), "first")):
            done = facepipe("evaluate", "identify", VAL, "--cache", self.cache, *arguments, check=False)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(words, done.stderr)


class Pairs(EvaluateTest):
    def lfw(self, folds):
        """The validation photographs under LFW's names, and a pairs file of two folds."""
        for person in ("madonna", "elton_john"):
            (self.folder / person).mkdir()
            for number, photo in enumerate(photographs("val", person), 1):
                (self.folder / person / f"{person}_{number:04}.jpg").symlink_to(photo)
        lines = [f"{folds}\t2"]
        for fold in range(folds):
            lines += [f"madonna\t{1 + fold}\t{2 + fold}", f"elton_john\t{1 + fold}\t{2 + fold}"]
            lines += [f"madonna\t{1 + fold}\telton_john\t{2 + fold}", f"elton_john\t{1 + fold}\tmadonna\t{3 + fold}"]
        (self.folder / "pairs.txt").write_text("\n".join(lines) + "\n")
        return self.folder / "pairs.txt"

    def test_lfw_and_all_pairs_of_its_photographs(self):
        found = figures("pairs", self.lfw(2), "--cache", self.cache, "--far", "0.5", "--all-pairs", "--out", self.folder / "out")
        self.assertEqual((found["folds"], found["genuine_pairs"], found["impostor_pairs"]), (2, 4, 4))
        self.assertGreaterEqual(found["accuracy"], 0.75)
        self.assertEqual(found["all_pairs_people"], 2)
        self.assertGreater(found["all_pairs_impostor_pairs"], 4)
        self.assertTrue((self.folder / "out" / "pairs-worst.png").exists())

    def test_csv_agrees_with_lfw(self):
        lfw = self.lfw(1)
        rows = ["one,other,same", "madonna/madonna_0001.jpg,madonna/madonna_0002.jpg,Yes",
                "elton_john/elton_john_0001.jpg,elton_john/elton_john_0002.jpg,Yes",
                "madonna/madonna_0001.jpg,elton_john/elton_john_0002.jpg,No",
                "elton_john/elton_john_0001.jpg,madonna/madonna_0003.jpg,No"]
        (self.folder / "pairs.csv").write_text("\n".join(rows))
        both = [figures("pairs", self.folder / "pairs.csv", "--folds", 1, "--cache", self.cache),
                figures("pairs", lfw, "--cache", self.cache)]
        self.assertEqual(*({key: value for key, value in found.items() if key != "from_cache"} for found in both))

    def test_bad_lists_name_line_and_what_was_expected(self):
        bad = self.folder / "bad.txt"
        for text, words in (("2\t300\n", "expected 1200 pairs"), ("1\na\t1\t2\nb\t1\n", "line 3: expected"),
                            ("a.jpg,b.jpg,perhaps\nc.jpg,d.jpg,maybe\n", "line 2: expected"),
                            ("a.jpg,/etc/passwd,yes\n", "leads out"), ("", "found nothing")):
            bad.write_text(text)
            done = facepipe("evaluate", "pairs", bad, check=False)
            self.assertEqual(done.returncode, 1, text)
            self.assertIn(words, done.stderr)
            self.assertIn("bad.txt", done.stderr)

    def test_a_picture_that_is_missing_is_told_and_never_accepted(self):
        lfw = self.lfw(2)
        (self.folder / "madonna" / "madonna_0002.jpg").unlink()
        done = facepipe("evaluate", "pairs", lfw, "--cache", self.cache, "--json", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("madonna_0002.jpg", done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual((found["unreadable"], found["pairs_without_face"]), (1, 3))


class Detect(EvaluateTest):
    def test_boxes_that_were_found_are_found(self):
        lines = [json.loads(line) for line in facepipe("detect", VAL / "madonna").stdout.splitlines()]
        faces = 0
        with open(self.folder / "boxes.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "x", "y", "w", "h"])
            for line in lines:
                for left, top, right, bottom in (face["box"] for face in line["faces"]):
                    writer.writerow([pathlib.Path(line["file"]).name, left, top, right - left, bottom - top])
                    faces += 1
            writer.writerow([pathlib.Path(lines[0]["file"]).name, 0, 0, 3, 3])  # nobody finds this one
        arguments = ("detect", self.folder / "boxes.csv", "--pictures", VAL / "madonna", "--cache", self.folder / "cache")
        found = figures(*arguments, "--out", self.folder / "out", "--min-box", 0)
        self.assertEqual((found["boxes"], found["found"], found["missed"], found["false_alarms"]), (faces + 1, faces, 1, 0))
        self.assertAlmostEqual(found["average_precision"], faces / (faces + 1))
        self.assertEqual(found["precision"], 1)
        self.assertTrue((self.folder / "out" / "detect-worst.png").exists())
        again = figures(*arguments)
        self.assertEqual((again["from_cache"], again["recall"], again["boxes_ignored"]), (5, 1, 1))

    def test_bad_boxes_name_the_line(self):
        (self.folder / "boxes.csv").write_text("image,x,y,w,h\na.jpg,1,2,three,4\n")
        done = facepipe("evaluate", "detect", self.folder / "boxes.csv", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("boxes.csv: line 2: expected four numbers", done.stderr)


if __name__ == "__main__":
    unittest.main()
