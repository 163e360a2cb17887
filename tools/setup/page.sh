#!/usr/bin/env bash
# Installs what the page is built and checked with: .cache/page/node_modules, as page/package-lock.json pins it, without the
# packages' scripts; page/node_modules leads there. .cache/page/node is the Node.js that runs it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/node.sh"

TARGET=$CACHE/page
digest=$(cat "$ROOT/page/package.json" "$ROOT/page/package-lock.json" | sha256sum | cut -d' ' -f1)

if [ "$(cat "$TARGET/done" 2>/dev/null)" != "$digest" ]; then
  need_npm
  rm -rf "$TARGET"
  mkdir -p "$TARGET"
  cp "$ROOT/page/package.json" "$ROOT/page/package-lock.json" "$TARGET"
  (cd -P "$TARGET" && "${NPM[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  ln -sfn "$NODE" "$TARGET/node"
  echo "$digest" >"$TARGET/done"
fi
ln -sfn ../.cache/page/node_modules "$ROOT/page/node_modules"
