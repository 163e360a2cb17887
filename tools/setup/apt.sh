#!/usr/bin/env bash
# apt.sh [build]: installs the Debian packages that the build and the tests need, or with `build` the build alone, if any is
# missing. Root, or sudo.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(
  # build
  build-essential cmake ninja-build ccache pkg-config ca-certificates git
  libhwy-dev libjpeg62-turbo-dev libspng-dev libwebp-dev zlib1g-dev libsqlite3-dev libsimdjson-dev libcli11-dev libssl-dev
  libboost1.81-dev libtomlplusplus-dev libgtest-dev libgmock-dev
  # package clients and the tools that unpack what they bring
  python3 python3-venv python3-pip python3-setuptools python3-wheel unzip curl
)
# tests, benchmarks, lint, fuzz
[ "${1:-}" = build ] || packages+=(libbenchmark-dev clang-19 clang-format-19 libclang-rt-19-dev)

need_packages "${packages[@]}"
