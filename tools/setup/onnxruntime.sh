#!/usr/bin/env bash
# Stages ONNX Runtime for the build: .cache/onnxruntime/{lib,include}.
# Library: the PyPI wheel onnxruntime 1.32.0. Headers: Debian 13's libonnxruntime-dev 1.21 (Debian 12 has none); the C API
# is versioned and a newer library serves an older header. docs/decisions/0003-onnx-runtime.md
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

VERSION=1.32.0
DEB_VERSION=1.21.0+dfsg-1
case $(uname -m) in
  x86_64)
    WHEEL_TAG=manylinux_2_28_x86_64
    WHEEL_SHA256=5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d
    DEB_ARCH=amd64
    DEB_SHA256=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
    ;;
  aarch64)
    WHEEL_TAG=manylinux_2_28_aarch64
    WHEEL_SHA256=2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c
    DEB_ARCH=arm64
    DEB_SHA256=d4b1967893865756c0fa8536be165259a8eb0e9068e60d322ba707ef4527e44e
    ;;
  *)
    echo "setup: ONNX Runtime is pinned for x86_64 and aarch64, this is $(uname -m)" >&2
    exit 1
    ;;
esac
TARGET=$CACHE/onnxruntime
DONE=$TARGET/done
[ -f "$DONE" ] && [ "$(cat "$DONE")" = "$WHEEL_SHA256 $DEB_SHA256" ] && exit 0

WHEEL=$DOWNLOADS/onnxruntime-$VERSION-cp311-cp311-$WHEEL_TAG.whl
if ! has_sha256 "$WHEEL" $WHEEL_SHA256; then
  echo "onnxruntime==$VERSION --hash=sha256:$WHEEL_SHA256" >"$DOWNLOADS/onnxruntime.txt"
  "$PYTHON" -m pip download -q --require-hashes --no-deps --only-binary=:all: --python-version 3.11 --platform $WHEEL_TAG \
    -r "$DOWNLOADS/onnxruntime.txt" -d "$DOWNLOADS"
fi
need_sha256 "$WHEEL" $WHEEL_SHA256

DEB=$DOWNLOADS/libonnxruntime-dev_${DEB_VERSION}_$DEB_ARCH.deb
if ! has_sha256 "$DEB" $DEB_SHA256; then
  # apt with lists of its own, so that the machine's own sources stay as they are.
  apt_dir=$CACHE/apt
  mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
  # The mirror that this machine uses already, from either form of its list.
  mirror=$(find /etc/apt -name 'debian.sources' -o -name 'debian.list' -o -name 'sources.list' | sort | xargs -r awk '
    /^URIs:/ && !found {print $2; found = 1}
    /^deb / && !found {for (i = 2; i <= NF; i++) if ($i ~ /:\/\// && !found) {print $i; found = 1}}')
  [ -n "$mirror" ] || { echo "setup: no Debian mirror found under /etc/apt" >&2; exit 1; }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt_dir/sources.list"
  cat >"$apt_dir/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt_dir/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$apt_dir/lists";
Dir::Cache "$apt_dir/cache";
APT::Sandbox::User "$(id -un)";
CONF
  export APT_CONFIG=$apt_dir/apt.conf
  apt-get update -q
  (cd "$DOWNLOADS" && apt-get download -q "libonnxruntime-dev=$DEB_VERSION")
  rm -rf "$apt_dir"
  unset APT_CONFIG
fi
need_sha256 "$DEB" $DEB_SHA256

rm -rf "$TARGET"
mkdir -p "$TARGET/lib" "$TARGET/unpacked"
dpkg-deb -x "$DEB" "$TARGET/unpacked"
mv "$TARGET/unpacked/usr/include/onnxruntime" "$TARGET/include"
rm -rf "$TARGET/unpacked"
unzip -q -o -j "$WHEEL" "onnxruntime/capi/libonnxruntime.so.$VERSION" -d "$TARGET/lib"
ln -sf "libonnxruntime.so.$VERSION" "$TARGET/lib/libonnxruntime.so.1"
ln -sf libonnxruntime.so.1 "$TARGET/lib/libonnxruntime.so"
echo "$WHEEL_SHA256 $DEB_SHA256" >"$DONE"
