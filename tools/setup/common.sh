# Sourced by the scripts of this folder: where things go, one way to check a file, one to install
# packages.
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

# make_venv FOLDER REQUIREMENTS: a Python environment of the packages that the file pins, if it is not there yet. What they
# ask for besides is not installed: some of it is large, and what is used works without.
make_venv() {
  local folder made_from
  folder=$(realpath -m "$1") # its commands hold this path: a moved one is made again
  made_from="$(sha256sum "$2" | cut -d' ' -f1) $folder"
  [ "$(cat "$folder/done" 2>/dev/null)" != "$made_from" ] || return 0
  rm -rf "$folder"
  "$PYTHON" -m venv "$folder"
  "$folder/bin/pip" install -q --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: -r "$2"
  echo "$made_from" >"$folder/done"
}

# need_packages PACKAGE...: installs those of the Debian packages that are missing. Root, or sudo where any is.
need_packages() {
  local package missing=() as_root=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup: missing ${missing[*]}: run as root or install sudo" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}
