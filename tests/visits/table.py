#!/usr/bin/env python3
"""table.py OUT.json: every clip at 1, 2 and 5 frames a second through `facepipe serve`; prints the table of docs/visits.md."""
import collections
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run_clips  # noqa: E402
import clips as drawing  # noqa: E402
import score  # noqa: E402

RATES = (1, 2, 5)
TIMEOUT = 10


def main():
    with tempfile.TemporaryDirectory() as data:
        run_clips.enrol(data)
        results = run_clips.results_of(data, drawing.make_clips(run_clips.load_photos(), TIMEOUT), RATES, TIMEOUT)
    by_rate = collections.defaultdict(list)
    for result in results:
        by_rate[result.run.rate].append(result)
        one = score.scores([result.tracks])
        print(f"{result.run.camera:36} HOTA {one['HOTA']:.3f} IDF1 {one['IDF1']:.3f} split {result.split} merged {result.merged} "
              f"name after {result.waits} wrong {result.wrong} never {result.unnamed}", file=sys.stderr)
    figures = {}
    print("| frames a second | HOTA | IDF1 | stays | visits split | merged | most frames until a name | wrong names |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- |")
    for rate, those in sorted(by_rate.items()):
        one = score.scores([result.tracks for result in those])
        stays = sum(len(result.tracks.visits_of()) for result in those)
        one |= {"stays": stays, "split": sum(r.split for r in those), "merged": sum(r.merged for r in those),
                "wait": max(wait for r in those for wait in r.waits), "wrong": sum(r.wrong for r in those),
                "never": sum(r.unnamed for r in those)}
        figures[rate] = one
        print(f"| {rate} | {one['HOTA']:.3f} | {one['IDF1']:.3f} | {stays} | {one['split']} | {one['merged']} | {one['wait']} | "
              f"{one['wrong']} |")
    pathlib.Path(sys.argv[1]).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
