#!/usr/bin/env bash
# test.sh JOBS: everything that a change must pass, in one run. Each part must have run: a test that was skipped, not
# run or not found fails it.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$1
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT # a part that failed ends what still runs beside it
step() { printf '\n== %s (%ss)\n' "$*" "$SECONDS"; }

# run_ctest PRESET LABEL...: runs the tests of each label and insists that there were some and that none was left out.
run_ctest() {
  local preset=$1 log
  shift
  for label in "$@"; do
    step "ctest $preset $label"
    log=build/$preset/ctest-$label.log
    ctest --preset "$preset" -L "^$label\$" -j "$jobs" --no-tests=error 2>&1 | tee "$log"
    if grep -qE '\*\*\*(Not Run|Skipped)|did not run' "$log"; then
      echo "test: some $label tests did not run" >&2
      exit 1
    fi
  done
}

step "set-up"
make --no-print-directory setup
mkdir -p build
# What the tests run against is fetched while the compiler works.
{ bash tools/setup/python.sh && bash tools/setup/aws_peers.sh && bash tools/setup/api_peers.sh && bash tools/setup/clients.sh && bash tools/setup/image_tools.sh && bash tools/setup/fault.sh && bash tools/setup/visits.sh && bash tools/setup/browser.sh; } >build/setup-peers.log 2>&1 &
peers=$!
step "build, model pack"
make --no-print-directory models
wait $peers || { cat build/setup-peers.log; echo "test: set-up of the tests' peers failed" >&2; exit 1; }
step "layers, format, clang-tidy, self-contained headers"
make --no-print-directory lint
# The sanitized build takes the processors while the tests wait for servers.
cmake --preset asan -Wno-dev >build/configure-asan.log
nice -n 19 ninja -C build/asan -j"$jobs" >build/build-asan.log 2>&1 &
sanitized=$!
run_ctest release unit golden conformance e2e aws fault deploy
step "address and undefined-behaviour sanitizers"
wait $sanitized || { tail -n 60 build/build-asan.log; echo "test: the sanitized build failed" >&2; exit 1; }
run_ctest asan unit golden fuzz
step "passed"
