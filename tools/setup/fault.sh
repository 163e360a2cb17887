#!/usr/bin/env bash
# Installs what makes things fail in the fault tests: libfaketime (a clock that jumps), ip, unshare and nsenter (networks and
# disks of their own). Root, or sudo for what is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages libfaketime iproute2 util-linux
