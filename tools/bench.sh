#!/usr/bin/env bash
# bench.sh: the micro-benchmarks, five repetitions each, medians to the terminal and to build/bench/.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/bench
programs=(build/release/bench/*_bench)
[ -x "${programs[0]}" ] || { echo "bench: no benchmark was built" >&2; exit 1; }
for program in "${programs[@]}"; do
  "$program" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
    --benchmark_out="build/bench/$(basename "$program").json" --benchmark_out_format=json
done
