#!/usr/bin/env bash
# build_pack.sh FACEPIPE PACK_DIR [NAME]: makes a model pack from the pinned weights, unless it is there already and was made by
# this program from these files. NAME is that of a recipe (apps/facepipe/recipes): mobilefacenet-192, the default pack, with
# facenet-msceleb-128 in int8 as its network for cut faces; or facenet-msceleb-128, the default of release 0.1, also with -int8
# behind. What is int8 is calibrated on the pinned package's 93 training photographs.
set -euo pipefail
facepipe=$1 pack=$2 name=${3:-mobilefacenet-192}
root=$(cd "$(dirname "$0")/.." && pwd)
cache=$root/.cache recipes=$root/apps/facepipe/recipes
made_of=()
case $name in
  mobilefacenet-192)
    recipe=$recipes/$name.toml weights=MobileFaceNet.tflite
    more=(--cut-recipe "$recipes/facenet-msceleb-128-cut.toml" --cut-embedder "$cache/models/facenet_keras.h5"
      --cut-calibrate "$cache/photos/train")
    made_of=("$recipes/facenet-msceleb-128-cut.toml" "$cache/models/facenet_keras.h5")
    ;;
  facenet-msceleb-128) recipe=$recipes/$name.toml weights=facenet_keras.h5 more=() ;;
  facenet-msceleb-128-int8)
    recipe=$recipes/${name%-int8}.toml weights=facenet_keras.h5
    more=(--int8 --calibrate "$cache/photos/train")
    ;;
  *) echo "build_pack: expected mobilefacenet-192, facenet-msceleb-128 or facenet-msceleb-128-int8, got $name" >&2; exit 2 ;;
esac
made_from="$name $(sha256sum "$facepipe" "$0" "$recipe" "$cache/models/$weights" "${made_of[@]}" | cut -d' ' -f1 | tr '\n' ' ')"
[ -f "$pack/manifest.json" ] && [ "$(cat "$pack.made-from" 2>/dev/null)" = "$made_from" ] && exit 0
mkdir -p "$(dirname "$pack")"
"$facepipe" model build --out "$pack" --name "$name" --recipe "$recipe" --mtcnn "$cache/models" \
  --embedder "$cache/models/$weights" "${more[@]}"
"$facepipe" model info "$pack"
echo "$made_from" >"$pack.made-from"
