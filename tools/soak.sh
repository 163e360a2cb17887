#!/usr/bin/env bash
# soak.sh FACEPIPE PACK_DIR: the long form of the fault tests (tests/fault/soak.py). SOAK_KILLS (200) kills of `serve` under
# load, then SOAK_MINUTES (30) of mixed and hostile frames.
set -euo pipefail
facepipe=$(realpath "$1") pack=$(realpath "$2")
root=$(cd "$(dirname "$0")/.." && pwd)
bash "$root/tools/setup/aws_peers.sh"
bash "$root/tools/setup/fault.sh"
FACEPIPE_TEST_PROGRAM=$facepipe FACEPIPE_TEST_LAMBDA=$(dirname "$facepipe")/facepipe-lambda FACEPIPE_TEST_PACK=$pack \
  exec "$root/.cache/venv-aws/bin/python" "$root/tests/fault/soak.py"
