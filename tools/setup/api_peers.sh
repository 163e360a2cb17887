#!/usr/bin/env bash
# Makes .cache/venv-api with schemathesis, which tests the API by its description (tests/api/requirements.txt pins it).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_venv "$CACHE/venv-api" "$ROOT/tests/api/requirements.txt"
"$CACHE/venv-api/bin/pip" check -q --disable-pip-version-check
