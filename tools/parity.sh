#!/usr/bin/env bash
# parity.sh SHARED: what needs the large reference models, the reference's own crops and the odd photographs. SHARED holds
# golden/, models/ and data/odd (tests/parity/README.md).
set -euo pipefail
shared=$(realpath "${1:?usage: make parity SHARED=DIR}")
cd "$(dirname "$0")/.."
FACEPIPE_SHARED=$shared build/release/tests/parity/embed_parity_test
FACEPIPE_TEST_PROGRAM=$PWD/build/release/bin/facepipe FACEPIPE_TEST_ASAN_PROGRAM=$PWD/build/asan/bin/facepipe \
  FACEPIPE_TEST_SHARED=$shared .cache/venv/bin/python tests/run_unittest.py tests/parity/test_parity.py
