#!/usr/bin/env bash
# replay.sh PYTHON TARGET SEEDS: makes the seeds, and runs every seed and every kept finding (fuzz/findings/NAME) of TARGET
# once. A target without inputs fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$1 target=$2 seeds=$3
name=$(basename "$target")
"$python" "$here/make_seeds.py" "$seeds" "$name"
folders=("$seeds/$name")
[ ! -d "$here/findings/$name" ] || folders+=("$here/findings/$name")
inputs=$(find "${folders[@]}" -type f | wc -l)
[ "$inputs" -gt 0 ] || { echo "replay: $name has no inputs" >&2; exit 1; }
"$target" -runs=0 -timeout=20 -rss_limit_mb=2048 "${folders[@]}" 2>&1 | tail -n 30
echo "replay: $name, $inputs inputs"
