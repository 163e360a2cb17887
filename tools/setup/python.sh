#!/usr/bin/env bash
# Makes .cache/venv with the pinned Python packages of the checks (tests/requirements.txt: clang-tidy, boto3, the aws CLI).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

REQUIREMENTS=$ROOT/tests/requirements.txt
VENV=$CACHE/venv
DONE=$VENV/done
digest=$(sha256sum "$REQUIREMENTS" | cut -d' ' -f1)

[ -f "$DONE" ] && [ "$(cat "$DONE")" = "$digest" ] && exit 0

rm -rf "$VENV"
"$PYTHON" -m venv "$VENV"
"$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r "$REQUIREMENTS"
"$VENV/bin/pip" check -q --disable-pip-version-check
echo "$digest" >"$DONE"
