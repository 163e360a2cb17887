#!/usr/bin/env bash
# Makes .cache/venv-visits with what draws and scores the clips of visits, as tests/visits/requirements.txt pins it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_venv "$CACHE/venv-visits" "$ROOT/tests/visits/requirements.txt"
