#!/usr/bin/env bash
# Makes .cache/venv-bench with the peers that `make bench` compares with, as bench/requirements.txt pins them: about
# 2.7 GB of downloads, 5 GB on the disk. Quick when it is there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

REQUIREMENTS=$ROOT/bench/requirements.txt
VENV=$(realpath -m "$CACHE/venv-bench")  # its commands hold this path: a moved one is made again
made_from="$(sha256sum "$REQUIREMENTS" | cut -d' ' -f1) $VENV"

[ -f "$VENV/done" ] && [ "$(cat "$VENV/done")" = "$made_from" ] && exit 0

rm -rf "$VENV"
"$PYTHON" -m venv "$VENV"
"$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r "$REQUIREMENTS"
echo "$made_from" >"$VENV/done"
