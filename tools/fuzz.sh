#!/usr/bin/env bash
# fuzz.sh JOBS SECONDS: runs every libFuzzer target for SECONDS each, from an empty corpus; stops at the first finding.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset fuzz -Wno-dev >/dev/null
cmake --build --preset fuzz -j"$1"
targets=(build/fuzz/fuzz/*_fuzz)
[ -x "${targets[0]}" ] || { echo "fuzz: no target was built" >&2; exit 1; }
for target in "${targets[@]}"; do
  name=$(basename "$target")
  mkdir -p "build/fuzz/corpus/$name"
  echo "== $name"
  "$target" "build/fuzz/corpus/$name" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$name-" 2>&1 | tail -n 8
done
