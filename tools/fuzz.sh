#!/usr/bin/env bash
# fuzz.sh JOBS SECONDS: runs every libFuzzer target for SECONDS each, JOBS at once, from its seeds and what earlier runs found
# to be new; starts no more after a finding. The last line is the number of inputs tried.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset fuzz -Wno-dev >/dev/null
cmake --build --preset fuzz -j"$1"
targets=(build/fuzz/fuzz/*_fuzz)
[ -x "${targets[0]}" ] || { echo "fuzz: no target was built" >&2; exit 1; }
bash tools/setup/aws_peers.sh  # Pillow, which makes the pictures among the seeds
.cache/venv-aws/bin/python fuzz/make_seeds.py build/fuzz/seeds

inputs_of() { awk '/stat::number_of_executed_units/ {print $2}' "build/fuzz/$1.log"; }
# fuzz_one TARGET SECONDS: 255 after a finding, which xargs takes as the word to stop.
fuzz_one() {
  local name
  name=$(basename "$1")
  mkdir -p "build/fuzz/corpus/$name"
  "$1" "build/fuzz/corpus/$name" "build/fuzz/seeds/$name" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" >"build/fuzz/$name.log" 2>&1 ||
    { tail -n 40 "build/fuzz/$name.log"; echo "fuzz: $name: a finding, build/fuzz/$name-*" >&2; exit 255; }
  echo "$name: $(inputs_of "$name") inputs"
}
export -f fuzz_one inputs_of
printf '%s\n' "${targets[@]}" | xargs -P "$1" -I{} bash -c 'fuzz_one "$@"' fuzz_one {} "$2" || exit 1
total=0
for target in "${targets[@]}"; do
  total=$((total + $(inputs_of "$(basename "$target")")))
done
echo "fuzz: ${#targets[@]} targets, $2 s each, $total inputs, no finding"
