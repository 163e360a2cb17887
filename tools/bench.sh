#!/usr/bin/env bash
# bench.sh PACK FP32_PACK INT8_PACK: every measurement of the default pack, of the network that the peers run
# (facenet-msceleb-128) and of that in int8, beside the peers, in at most about 15 minutes on a machine that does nothing else.
# Writes build/bench/summary.json and the tables of docs/performance.md.
#   BENCH_PARTS   which parts, of: kernels compare functions accuracy images serve (all)
#   BENCH_BEFORE  another build folder of the release preset, of an earlier tree (targets as below): both builds take turns, no
#                 peer is needed, and nothing else is measured; FP32_PACK is one that both read
# Figures of other tools are taken from build/bench/more/*.json if they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 3 ] || { echo "bench: expected the folders of three packs: the default one, facenet-msceleb-128, that in int8" >&2; exit 2; }
pack=$(realpath -m "$1") fp32=$(realpath -m "$2") int8=$(realpath -m "$3")
parts=" ${BENCH_PARTS:-kernels compare functions accuracy images serve} "
export ORT_DISABLE_TELEMETRY=1  # the peers' ONNX Runtime would report its use
out=build/bench
bin=$PWD/build/release/bin
mkdir -p "$out/original"
for folder in "$pack" "$fp32" "$int8"; do
  [ -f "$folder/manifest.json" ] || { echo "bench: $folder: no model pack (make models models-int8)" >&2; exit 1; }
done
nice cmake --preset release -Wno-dev >"$out/configure.log"
nice cmake --build --preset release --target detect_bench stages_bench stage_runner facepipe facepipe-lambda facepipe-worker >"$out/build.log"
if [ -n "${BENCH_BEFORE:-}" ]; then
  bash tools/setup/aws_peers.sh
  FACEPIPE_TEST_PROGRAM=$bin/facepipe FACEPIPE_TEST_LAMBDA=$bin/facepipe-lambda FACEPIPE_TEST_PACK=$fp32 \
    .cache/venv-aws/bin/python bench/builds.py "$BENCH_BEFORE" build/release "$fp32" "$out/builds.json"
  exit
fi
bash tools/setup/bench_peers.sh
python=.cache/venv-bench/bin/python
"$python" bench/frames.py
[ -f "$out/original/resnetV1_video_weights.pt" ] || "$python" -W ignore bench/original/make_models.py "$out/original"

wanted() { [[ $parts == *" $1 "* ]]; }
# bounded SECONDS COMMAND...: what hangs is ended. The other parts go on, and what was measured is reported.
failed=0
bounded() {
  local status=0
  timeout --kill-after=30 "$@" || status=$?
  [ "$status" -eq 0 ] || { echo "bench: ended with $status (124: not within $1 s): ${*:2}" >&2; failed=1; }
}

if wanted kernels; then
  for program in detect_bench stages_bench; do
    bounded 240 "build/release/bench/$program" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
      --benchmark_min_time=0.1 --benchmark_out="$out/$program.json" --benchmark_out_format=json >"$out/$program.log"
  done
fi
if wanted compare; then
  bounded 420 "$python" -W ignore bench/compare.py "$pack" "$fp32" "$int8" "$out/compare.json"
fi
if wanted functions; then
  bash tools/setup/aws_peers.sh
  FACEPIPE_TEST_PROGRAM=$bin/facepipe FACEPIPE_TEST_LAMBDA=$bin/facepipe-lambda FACEPIPE_TEST_PACK=$pack \
    bounded 400 .cache/venv-aws/bin/python bench/functions.py "$fp32" "$int8" "$out/functions.json"
fi
if wanted accuracy; then
  bounded 120 /usr/bin/python3 bench/accuracy.py "$bin/facepipe" "$pack" "$fp32" "$int8" "$out/accuracy.json"
fi
if wanted images; then
  bounded 120 /usr/bin/python3 bench/images.py build/release "$pack" "$fp32" "$int8" "$out/images.json"
fi
if wanted serve; then
  bounded 240 /usr/bin/python3 bench/serve_load.py "$bin/facepipe" "$pack" "$fp32" "$out/serve.json"
  mkdir -p "$out/more"
  bounded 180 /usr/bin/python3 bench/keep_load.py "$bin/facepipe" "$pack" "$out/more/keep.json"
fi
"$python" bench/report.py "$out"
echo "bench: $out/summary.json, docs/performance.md"
exit "$failed"
