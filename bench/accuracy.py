"""accuracy.py FACEPIPE PACK FP32_PACK INT8_PACK OUT.json: the default pack, and what int8 costs the other, on the pinned package's
photographs.

The int8 pack was calibrated on the 93 training photographs; cosines are over the 25 validation ones, largest face each, and
a validation photograph is right when its nearest training one shows the same person."""
import json
import pathlib
import statistics
import subprocess
import sys

PHOTOS = pathlib.Path(__file__).resolve().parent.parent / ".cache" / "photos"


def embed(program, pack, split):
    """[(person, embedding of the largest face)] in the order of the files."""
    done = subprocess.run([program, "embed", "--pack", pack, str(PHOTOS / split)], capture_output=True, text=True, check=True)
    found = []
    for line in map(json.loads, done.stdout.splitlines()):
        found.append((pathlib.Path(line["file"]).parent.name, line["faces"][0]["embedding"]))  # the largest comes first
    return found


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b))  # of unit vectors


def right(known, probes):
    return sum(person == max(known, key=lambda entry: cosine(entry[1], embedding))[0] for person, embedding in probes)


def main():
    program, packs = sys.argv[1], dict(zip(("default", "fp32", "int8"), sys.argv[2:5], strict=True))
    known = {name: embed(program, pack, "train") for name, pack in packs.items()}
    probes = {name: embed(program, pack, "val") for name, pack in packs.items()}
    cosines = [cosine(a, b) for (_, a), (_, b) in zip(probes["fp32"], probes["int8"], strict=True)]
    pathlib.Path(sys.argv[5]).write_text(json.dumps({
        "val_correct": right(known["default"], probes["default"]),
        "int8_cosine_mean": statistics.mean(cosines), "int8_cosine_min": min(cosines),
        "int8_val_correct": right(known["int8"], probes["int8"]), "fp32_val_correct": right(known["fp32"], probes["fp32"]),
        "int8_val_correct_fp32_gallery": right(known["fp32"], probes["int8"]),
        "fp32_val_correct_int8_gallery": right(known["int8"], probes["fp32"])}, indent=1))


if __name__ == "__main__":
    main()
