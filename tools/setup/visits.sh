#!/usr/bin/env bash
# Makes .cache/venv-visits with what draws and scores the clips of visits, as tests/visits/requirements.txt pins it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

REQUIREMENTS=$ROOT/tests/visits/requirements.txt
VENV=$(realpath -m "$CACHE/venv-visits")  # its commands hold this path: a moved one is made again
made_from="$(sha256sum "$REQUIREMENTS" | cut -d' ' -f1) $VENV"

[ -f "$VENV/done" ] && [ "$(cat "$VENV/done")" = "$made_from" ] && exit 0

rm -rf "$VENV"
"$PYTHON" -m venv "$VENV"
"$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r "$REQUIREMENTS"
echo "$made_from" >"$VENV/done"
