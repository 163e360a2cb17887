#!/usr/bin/env bash
# asan.sh JOBS: builds the program and the tests with the address and undefined-behaviour sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset asan -Wno-dev >build/configure-asan.log
cmake --build --preset asan -j"$1"
