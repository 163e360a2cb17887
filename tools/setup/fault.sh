#!/usr/bin/env bash
# Installs what makes things fail in the fault and load tests: libfaketime (a clock that jumps), ip, unshare and nsenter
# (networks and disks of their own), djpeg and cjpeg (hostile pictures). Root, or sudo for what is missing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages libfaketime iproute2 util-linux libjpeg-turbo-progs
