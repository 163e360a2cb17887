#!/usr/bin/env bash
# Makes .cache/venv-api with schemathesis, which tests the API by its description (tests/api/requirements.txt pins it).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

REQUIREMENTS=$ROOT/tests/api/requirements.txt
VENV=$(realpath -m "$CACHE/venv-api")  # its commands hold this path: a moved one is made again
made_from="$(sha256sum "$REQUIREMENTS" | cut -d' ' -f1) $VENV"
[ -f "$VENV/done" ] && [ "$(cat "$VENV/done")" = "$made_from" ] && exit 0

rm -rf "$VENV"
"$PYTHON" -m venv "$VENV"
"$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r "$REQUIREMENTS"
"$VENV/bin/pip" check -q --disable-pip-version-check
echo "$made_from" >"$VENV/done"
