#!/usr/bin/env bash
# load.sh FACEPIPE PACK_DIR [SECONDS]: the server under 500 connections, half of them slow (tests/load/load.py), with 200
# subscribers to its events (tests/load/events.py), then under
# an attack of every kind at once (tests/load/attack.py).
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/setup/fault.sh
need=2400  # descriptors of the attacking process
limit=$(ulimit -n)
if [ "$limit" != unlimited ] && [ "$limit" -lt "$need" ]; then
  ulimit -n "$need" || { echo "load: expected a limit of $need open files, got $limit" >&2; exit 1; }
fi
timeout 120 python3 tests/load/load.py "$1" "$2" --seconds "${3:-20}"
timeout 120 python3 tests/load/events.py "$1" "$2"
timeout 400 python3 tests/load/attack.py "$1" "$2" --seconds "${3:-40}"
