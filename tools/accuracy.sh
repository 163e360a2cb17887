#!/usr/bin/env bash
# accuracy.sh FACEPIPE PACK SHARED [OUT]: every development figure, printed and, flat, in OUT/summary.json (build/accuracy).
# SHARED/data holds lfw_dev, people, pairs_deepface, negatives and detection; what is not there is left out and said. The
# pinned package's photographs are measured in any case. An interrupted run goes on where it was; ACCURACY_JOBS is how many
# pictures are worked on at once (the processors).
set -euo pipefail
facepipe=$(realpath "${1:?usage: accuracy.sh FACEPIPE PACK SHARED [OUT]}")
pack=$(realpath "${2:?}")
data=$(realpath "${3:?expected the folder of shared data: make accuracy SHARED=DIR}")/data
cd "$(dirname "$0")/.."
out=$(realpath -m "${4:-build/accuracy}")
photos=$PWD/.cache/photos
people_seeds=(1 2 3)
# Another program may embed otherwise: what it left is not used.
cache=$out/cache/$(sha256sum "$facepipe" | cut -c1-16)
mkdir -p "$out/parts" "$cache"
find "$out/cache" -mindepth 1 -maxdepth 1 ! -path "$cache" -exec rm -r {} +
rm -f "$out"/parts/*.json

# measure NAME ARGUMENTS...: one evaluation, its figures in parts/NAME.json, everything else in a folder of its own.
measure() {
  local name=$1 status=0
  shift
  echo "== $name"
  rm -f "$out/$name/$1.json"
  "$facepipe" evaluate "$@" --pack "$pack" --cache "$cache" --out "$out/$name" \
    ${ACCURACY_JOBS:+--jobs "$ACCURACY_JOBS"} || status=$?
  # Figures beside pictures that could not be read are figures; without any the run is worth nothing.
  [ -s "$out/$name/$1.json" ] || { echo "accuracy: $name gave no figures" >&2; exit 1; }
  [ "$status" -eq 0 ] || echo "accuracy: $name: not every picture could be read" >&2
  cp "$out/$name/$1.json" "$out/parts/$name.json"
}
there() { [ -e "$data/$1" ] || { echo "accuracy: $data/$1 is not there: left out" >&2; return 1; }; }

measure package identify "$photos/val" --enrol "$photos/train" --face largest
for folder in "$photos"/train/*/; do
  person=$(basename "$folder")
  measure "package_without_$person" identify "$photos/val" --enrol "$photos/train" --face largest --without "$person" --worst 0
done
if there lfw_dev; then
  measure lfw_dev_verify verify "$data/lfw_dev"
  measure lfw_dev_identify identify "$data/lfw_dev"
fi
if there people; then
  measure people_verify verify "$data/people" --face largest
  for seed in "${people_seeds[@]}"; do
    measure "people_identify_$seed" identify "$data/people" --face largest --people-share 0.5 --seed "$seed"
  done
  there negatives && measure negatives identify "$data/negatives" --enrol "$data/people" --face largest
fi
there pairs_deepface && measure pairs_deepface pairs "$data/pairs_deepface/master.csv"
if there detection; then
  python3 tools/detection_boxes.py "$data/detection" >"$out/boxes.csv"
  measure detection detect "$out/boxes.csv" --pictures "$data/detection"
  measure detection_all_sizes detect "$out/boxes.csv" --pictures "$data/detection" --min-box 0
fi

python3 - "$out" <<'PYTHON'
import json, pathlib, sys
out = pathlib.Path(sys.argv[1])
parts = {path.stem: json.loads(path.read_text()) for path in sorted((out / "parts").glob("*.json"))}
summary = {f"{name}_{key}": value for name, figures in parts.items() for key, value in figures.items()
           if key != "from_cache" and not name.startswith("package_without_")}
def total(prefix, key):
    return sum(figures[key] for name, figures in parts.items() if name.startswith(prefix))
summary["package_left_out_in_turn_named"] = total("package_without_", "strangers_named_count")
summary["package_others_named_right"] = total("package_without_", "right_names_count")
for kind, of in (("right_names", "known_probes"), ("strangers_named", "strangers")):
    of_cut = "known_probes_cut" if of == "known_probes" else "strangers_cut"
    of = {name: total("people_identify_", key) for name, key in (("", of), ("_cut", of_cut))}
    named = {name: total("people_identify_", f"{kind}{name}_count") for name in of}
    for counts in (of, named):  # whole faces are those that are not cut deep
        counts["_whole"] = counts[""] - counts["_cut"]
    summary |= {f"people_identify_{kind}{name}": named[name] / of[name] for name in of if of[name]}
if "negatives" in parts:
    summary["negatives_with_a_face"] = parts["negatives"]["strangers"]
(out / "summary.json").write_text(json.dumps(summary, indent=1, sort_keys=True) + "\n")
PYTHON
echo "accuracy: $out/summary.json"
