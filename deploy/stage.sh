#!/usr/bin/env bash
# stage.sh BUILD OUT: takes from a built tree what the image needs of it, in the form of the Dockerfile's stage `programs`:
#   OUT/bin/{facepipe,facepipe-worker,facepipe-lambda}   stripped, without the build folder's library paths
#   OUT/lib/libonnxruntime.so.1          the one that they were built for
#   OUT/cache/models, models.done        the pinned weights that the default model pack is made of
#   OUT/cache/photos/train               the photographs that an int8 pack is calibrated with
# So an image need not be compiled twice: docker build --build-context programs=OUT. Run twice it does the same again.
set -euo pipefail
build=$1 out=$2
root=$(cd "$(dirname "$0")/.." && pwd)
cache=$root/.cache

for program in facepipe facepipe-worker facepipe-lambda; do
  [ -x "$build/bin/$program" ] || { echo "stage: $build/bin/$program: not built" >&2; exit 1; }
done
[ -f "$cache/models.done" ] || { echo "stage: $cache/models.done: not there, run tools/setup/models.sh" >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out/lib" "$out/cache/photos"
cmake --install "$build" --prefix "$(realpath "$out")" --strip --component programs >/dev/null
onnxruntime=$(sed -n 's/^ORT_LIBRARY:[A-Z]*=//p' "$build/CMakeCache.txt")
[ -f "$onnxruntime" ] || { echo "stage: $build/CMakeCache.txt: ORT_LIBRARY: no such file: $onnxruntime" >&2; exit 1; }
cp -L "$onnxruntime" "$out/lib/libonnxruntime.so.1"
# Links where the file system has them: the weights are large.
cp -rl "$cache/models" "$out/cache/" 2>/dev/null || cp -r "$cache/models" "$out/cache/"
cp -rl "$cache/photos/train" "$out/cache/photos/" 2>/dev/null || cp -r "$cache/photos/train" "$out/cache/photos/"
cp "$cache/models.done" "$out/cache/"
