#!/usr/bin/env bash
# build_pack.sh FACEPIPE PACK_DIR [fp32|int8]: makes the default model pack from the pinned weights, unless it is there already
# and was made by this program from these files. int8 is calibrated on the pinned package's 93 training photographs.
set -euo pipefail
facepipe=$1 pack=$2 precision=${3:-fp32}
cache=$(cd "$(dirname "$0")/.." && pwd)/.cache
made_from="$precision $(sha256sum "$facepipe" "$0" | cut -d' ' -f1 | tr '\n' ' ')$(cat "$cache/models.done")"
[ -f "$pack/manifest.json" ] && [ "$(cat "$pack.made-from" 2>/dev/null)" = "$made_from" ] && exit 0
case $precision in
  fp32) name=facenet-msceleb-128 quantise=() ;;
  int8) name=facenet-msceleb-128-int8 quantise=(--int8 --calibrate "$cache/photos/train") ;;
  *) echo "build_pack: expected fp32 or int8, got $precision" >&2; exit 2 ;;
esac
# The threshold: 8,642 pairs of different people among 135 photographs of 33, docs/numerics.md.
"$facepipe" model build --out "$pack" --name "$name" --licence MIT --mtcnn "$cache/models" \
  --embedder "$cache/models/facenet_keras.h5" --mode whitened --threshold 0.966 --far 0.001 "${quantise[@]}"
"$facepipe" model info "$pack"
echo "$made_from" >"$pack.made-from"
