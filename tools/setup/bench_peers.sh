#!/usr/bin/env bash
# Makes .cache/venv-bench with the peers that `make bench` compares with, as bench/requirements.txt pins them: about
# 2.7 GB of downloads, 5 GB on the disk. Quick when it is there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_venv "$CACHE/venv-bench" "$ROOT/bench/requirements.txt"
