#!/usr/bin/env bash
# image_folders.sh STAGE OUT EMBEDDER MODE GALLERY PACK PRECISION: runs in the Dockerfile's stage `files`. Makes the root folders that become
# the image's layers: OUT/{system,onnxruntime,pack,gallery,function,worker}. STAGE is what deploy/stage.sh made. EMBEDDER and
# GALLERY are names of files in deploy/models, or empty: the shipped weights, no gallery. PACK: which of those (tools/build_pack.sh),
# or empty: the default pack, or the one that made the gallery. PRECISION: fp32 or int8.
set -euo pipefail
stage=$1 out=$2 embedder=$3 mode=$4 gallery=$5 pack=$6 precision=$7
root=$(cd "$(dirname "$0")/.." && pwd)
models=$root/deploy/models
facepipe=$stage/bin/facepipe
export LD_LIBRARY_PATH=$stage/lib

# closure PROGRAM: the files that the dynamic linker loads for it, one a line.
closure() {
  local listed
  listed=$(ldd "$1")
  if grep 'not found' <<<"$listed" >&2; then
    echo "image: $1: the libraries above are missing" >&2
    return 1
  fi
  grep -oE '/[^ ]+' <<<"$listed" | sort
}
# need_model VARIABLE NAME: the file of that name, or an end that says where it was looked for.
need_model() {
  [ "$2" = "$(basename "$2")" ] && [ -f "$models/$2" ] && return
  echo "image: $1=$2: expected the name of a file in deploy/models, there are: $(find "$models" -maxdepth 1 -type f -printf '%f ')" >&2
  return 1
}

mkdir -p "$out"/{system/tmp,system/etc/ssl/certs,onnxruntime,pack/var/task,gallery/var/task,function/var/task,worker/usr/bin}

# The program loads ONNX Runtime when it first embeds: what that needs is no dependency of the program's.
shared=$({ closure "$stage/bin/facepipe-lambda" && closure "$stage/lib/libonnxruntime.so.1"; } | sort -u)
extra=$(comm -13 <(echo "$shared") <(closure "$facepipe"))
xargs -I{} cp -L --parents {} "$out/system" <<<"$shared"
[ -z "$extra" ] || xargs -I{} cp -L --parents {} "$out/worker" <<<"$extra"
chmod 1777 "$out/system/tmp"
cp /etc/ssl/certs/ca-certificates.crt "$out/system/etc/ssl/certs/"
# Who the functions run as on Lambda.
echo 'sbx_user1051:x:993:990::/:/sbin/nologin' >"$out/system/etc/passwd"
echo 'sbx_user1051:x:990:' >"$out/system/etc/group"
echo 'hosts: files dns' >"$out/system/etc/nsswitch.conf"

# Beside the C library, where the dynamic linker looks without being told.
libraries=$(dirname "$(grep '/libc\.so' <<<"$shared")")
mkdir -p "$out/onnxruntime$libraries"
cp "$stage/lib/libonnxruntime.so.1" "$out/onnxruntime$libraries/"

cp "$stage/bin/facepipe-lambda" "$out/function/var/task/"
cp "$facepipe" "$out/worker/usr/bin/"

# The gallery first: it may say which pack is wanted.
if [ -n "$gallery" ]; then
  need_model GALLERY "$gallery"
  case $gallery in
    *.pt)
      mkdir -p "$root/people"
      "$facepipe" people --gallery "$root/people/gallery.fpg" import-pt "$models/$gallery"
      cp "$root/people/gallery.fpg" "$out/gallery/var/task/"
      ;;
    *)
      cp "$models/$gallery" "$out/gallery/var/task/gallery.fpg"
      [ ! -f "$models/$gallery.cut" ] || cp "$models/$gallery.cut" "$out/gallery/var/task/gallery.fpg.cut"
      ;;
  esac
  # A file that is no gallery ends the build, not the first invocation. Names stay out of the build's log.
  "$facepipe" people --gallery "$out/gallery/var/task/gallery.fpg" list >/dev/null
fi

# fits_gallery FOLDER: does the pack make embeddings that the gallery's can be compared with? Its own line tells: the
# command's status does not, since it finds trouble with a data folder that is not there.
fits_gallery() {
  local findings finding
  findings=$("$facepipe" doctor --json --data "$root/nobody" --gallery "$out/gallery/var/task/gallery.fpg" --pack "$1") || true
  finding=$(grep '"check":"gallery"' <<<"$findings")
  grep -q '"verdict":"ok"' <<<"$finding" && return
  echo "image: GALLERY=$gallery: $finding" >&2
  return 1
}

case $precision in
  fp32) quantise=() suffix= ;;
  int8) quantise=(--int8 --calibrate "$stage/cache/photos/train") suffix=-int8 ;;
  *) echo "image: PRECISION=$precision: expected fp32 or int8" >&2; exit 1 ;;
esac
if [ -n "$embedder" ]; then
  need_model EMBEDDER "$embedder"
  "$facepipe" model build --out "$out/pack/var/task/pack" --name "${embedder%.*}" --licence "the builder's own weights" \
    --mtcnn "$stage/cache/models" --embedder "$models/$embedder" --mode "$mode" "${quantise[@]}"
else
  mkdir -p "$root/.cache"
  ln -sfn "$stage/cache/models" "$root/.cache/models"
  ln -sfn "$stage/cache/photos" "$root/.cache/photos"
  cp "$stage/cache/models.done" "$root/.cache/"
  if [ -n "$pack" ]; then
    candidates=("$pack$suffix")
  elif [ "$precision" = int8 ]; then
    candidates=(facenet-msceleb-128-int8) # the one that gains by it
  else
    candidates=(mobilefacenet-192 facenet-msceleb-128)
  fi
  for candidate in "${candidates[@]}"; do
    rm -rf "$root/pack" "$root/pack.made-from"
    bash "$root/tools/build_pack.sh" "$facepipe" "$root/pack" "$candidate"
    { [ -z "$gallery" ] || fits_gallery "$root/pack"; } && fits=1 && break
  done
  if [ -z "${fits:-}" ]; then
    echo "image: GALLERY=$gallery: made by none of the packs ${candidates[*]}; EMBEDDER names its weights" >&2
    exit 1
  fi
  mv "$root/pack" "$out/pack/var/task/"
fi
chmod -R a+rX "$out"
# The same files give the same layers, which a registry then has already.
find "$out" -exec touch -h -d @0 {} +
