#!/usr/bin/env bash
# demo.sh FACEPIPE: enrols the training photographs of the pinned package, serves, sends the validation photographs,
# prints the table and, last, `demo: frames=F answered=A correct=C seconds=S`. Exit 0 if every frame was answered.
set -euo pipefail
facepipe=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
photos=$root/.cache/photos
work=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
    kill -TERM "$server"
    wait "$server" || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

started=$(date +%s.%N)
echo "Enrolling $(find "$photos/train" -name '*.jpg' | wc -l) photographs of $(find "$photos/train" -mindepth 1 -maxdepth 1 -type d | wc -l) people"
"$facepipe" people --data "$work" import --largest "$photos/train"

"$facepipe" serve --data "$work" --port 0 --sqs-port 0 --ports-file "$work/ports" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
  [ -s "$work/ports" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
# shellcheck disable=SC1091
source "$work/ports" # port=..., sqs_port=...

echo "Sending the validation photographs to http://127.0.0.1:$port/"
status=0
"$facepipe" send --url "http://127.0.0.1:$port/" --results "http://127.0.0.1:$sqs_port/000000000000/face-answers" \
  --json "$work/report.jsonl" "$photos/val" || status=$?
finished=$(date +%s.%N)

# A frame is right when its largest face got the name of the folder that the photograph lies in.
python3 - "$work/report.jsonl" "$started" "$finished" <<'PYTHON'
import json, os, sys
frames = answered = correct = 0
for line in open(sys.argv[1]):
    frame = json.loads(line)
    frames += 1
    faces = [face for face in frame.get("faces", []) if face.get("box")]
    answered += frame["status"] == "answered"
    if faces:
        largest = max(faces, key=lambda f: (f["box"][2] - f["box"][0]) * (f["box"][3] - f["box"][1]))
        correct += largest["name"] == os.path.basename(os.path.dirname(frame["file"]))
print(f"demo: frames={frames} answered={answered} correct={correct} seconds={float(sys.argv[3]) - float(sys.argv[2]):.1f}")
PYTHON
exit $status
