# Sourced by the scripts of this folder: where things go, and one way to check a file.
# shellcheck shell=bash
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${SETUP_CACHE:-$ROOT/.cache}
DOWNLOADS=$CACHE/downloads
# Debian's own interpreter: the same on every machine, whatever else the PATH holds.
PYTHON=/usr/bin/python3
mkdir -p "$DOWNLOADS"

# has_sha256 FILE SHA256: true if FILE exists with that digest.
has_sha256() { [ -f "$1" ] && echo "$2  $1" | sha256sum -c --status; }

# need_sha256 FILE SHA256: ends the script, naming both digests, unless they agree.
need_sha256() {
  has_sha256 "$1" "$2" && return
  echo "setup: $1: expected SHA-256 $2, got $(sha256sum "$1" 2>/dev/null | cut -d' ' -f1)" >&2
  exit 1
}
