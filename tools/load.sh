#!/usr/bin/env bash
# load.sh FACEPIPE PACK_DIR [SECONDS]: the server under 500 connections, half of them slow; tests/load/load.py says how.
set -euo pipefail
cd "$(dirname "$0")/.."
need=1200  # descriptors of the flood's process, and of the server's
limit=$(ulimit -n)
if [ "$limit" != unlimited ] && [ "$limit" -lt "$need" ]; then
  ulimit -n "$need" || { echo "load: expected a limit of $need open files, got $limit" >&2; exit 1; }
fi
timeout 120 python3 tests/load/load.py "$1" "$2" --seconds "${3:-20}"
