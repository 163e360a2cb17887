#!/usr/bin/env bash
# Installs what builds, runs and pushes container images without a Docker engine, and makes the base root file system of
# deploy/Dockerfile from Debian's packages, for machines that reach a Debian mirror but no image registry:
#   buildah, podman, runc, skopeo, docker-registry, htpasswd   Debian packages
#   .cache/image/debian-bookworm.tar                           Debian 12, minimal, as debian:bookworm-slim has it
# The packages come from where this machine's own apt takes them. Root, or sudo for what is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages buildah podman runc skopeo mmdebstrap docker-registry apache2-utils openssl

TARGET=$CACHE/image
BASE=$TARGET/debian-bookworm.tar
[ -f "$BASE" ] && exit 0

# apt's own lists of Debian 12, in either form; mmdebstrap takes the files as they are.
mapfile -t lists < <(find /etc/apt \( -name debian.sources -o -name debian.list -o -name sources.list \) \
  -exec grep -lw bookworm {} + | sort)
[ ${#lists[@]} -gt 0 ] || { echo "setup: /etc/apt: no list of Debian 12 (bookworm) found" >&2; exit 1; }
mkdir -p "$TARGET"
echo "setup: making the base root file system $BASE"
# shellcheck disable=SC2016  # the hook's $1 is the new root
# No manuals, translations or documentation, and apt's list under the name that it has in the image that this stands for.
mmdebstrap --quiet --variant=minbase --include=ca-certificates \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook='cd "$1/etc/apt/sources.list.d"; for file in *debian.sources; do [ ! -f "$file" ] || mv "$file" debian.sources; done' \
  bookworm "$BASE.part.tar" "${lists[@]}"
mv "$BASE.part.tar" "$BASE"
