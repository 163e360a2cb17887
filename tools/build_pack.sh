#!/usr/bin/env bash
# build_pack.sh FACEPIPE PACK_DIR: makes the default model pack from the pinned weights, unless it is there already and
# was made by this program from these files.
set -euo pipefail
facepipe=$1 pack=$2
cache=$(cd "$(dirname "$0")/.." && pwd)/.cache
made_from="$(sha256sum "$facepipe" "$0" | cut -d' ' -f1 | tr '\n' ' ')$(cat "$cache/models.done")"
[ -f "$pack/manifest.json" ] && [ "$(cat "$pack.made-from" 2>/dev/null)" = "$made_from" ] && exit 0
# The threshold: 8,642 pairs of different people among 135 photographs of 33, docs/numerics.md.
"$facepipe" model build --out "$pack" --name facenet-msceleb-128 --licence MIT --mtcnn "$cache/models" \
  --embedder "$cache/models/facenet_keras.h5" --mode whitened --threshold 0.966 --far 0.001
"$facepipe" model info "$pack"
echo "$made_from" >"$pack.made-from"
