#!/usr/bin/env bash
# push.sh [OPTION...] REGISTRY/REPOSITORY[:TAG] [-- BUILD OPTION...]
#
# Builds the image of deploy/Dockerfile, logs in, pushes, and reads the digest back from the registry. Prints on standard
# output REGISTRY/REPOSITORY@sha256:DIGEST alone, which is what the template's ImageUri takes. Uses buildah and skopeo, or
# docker. An ECR registry is known by its host name: its password comes from the aws command and is kept nowhere. What
# follows -- goes to the build, as --build-arg GALLERY=people.pt --build-context models=FOLDER.
#   TAG                  default: this repository's commit
#   --image NAME         push this local image instead of building
#   --ecr                the registry is ECR under another host name; the aws command's own region
#   --authfile FILE      credentials of another registry, as `buildah login --authfile` writes them (docker: a folder)
#   --tls-verify=false   a registry without TLS, buildah only
#   --engine NAME        buildah or docker; default: the first of them that is there
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
fail() { echo "push: $*" >&2; exit 1; }

image='' ecr=false authfile='' tls=() engine='' destination=''
while [ $# -gt 0 ]; do
  case $1 in
    --image | --authfile | --engine)
      [ $# -ge 2 ] || fail "$1: expected a value, got nothing"
      case $1 in
        --image) image=$2 ;;
        --authfile) authfile=$2 ;;
        --engine) engine=$2 ;;
      esac
      shift
      ;;
    --ecr) ecr=true ;;
    --tls-verify=true | --tls-verify=false) tls=("$1") ;;
    --) shift; break ;;
    -*) fail "$1: no such option" ;;
    *) [ -z "$destination" ] || fail "expected one destination, got $destination and $1"; destination=$1 ;;
  esac
  shift
done
[[ $destination =~ ^([^/]+)/([a-z0-9][a-z0-9._/-]*)(:([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?$ ]] ||
  fail "expected REGISTRY/REPOSITORY[:TAG], got \"$destination\""
registry=${BASH_REMATCH[1]} repository=${BASH_REMATCH[1]}/${BASH_REMATCH[2]} tag=${BASH_REMATCH[4]}
[ -n "$tag" ] || tag=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null) || fail "no TAG, and $root is no git repository"

if [ -z "$engine" ]; then
  for engine in buildah docker none; do command -v "$engine" >/dev/null && break; done
fi
case $engine in
  buildah) command -v skopeo >/dev/null || fail "skopeo is not there, which reads the digest back" ;;
  docker) [ ${#tls[@]} -eq 0 ] || fail "--tls-verify: docker takes it from its daemon's settings" ;;
  *) fail "expected buildah or docker to be installed, got $engine" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "$image" ]; then
  image=localhost/facepipe:$tag
  # Lambda takes one image, not an index with attestations beside it.
  if [ "$engine" = buildah ]; then
    buildah bud --layers --format docker -f "$root/deploy/Dockerfile" -t "$image" "$@" "$root" >&2
  else
    docker build --provenance=false -f "$root/deploy/Dockerfile" -t "$image" "$@" "$root" >&2
  fi
fi

ecr_region=()
if [[ $registry =~ ^[0-9]{12}\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$ ]]; then
  ecr=true ecr_region=(--region "${BASH_REMATCH[2]}")
fi
if $ecr; then
  command -v aws >/dev/null || fail "the aws command is not there, which has the password of $registry"
  authfile=$work/auth
  [ "$engine" = buildah ] && login=(buildah login --authfile "$authfile" "${tls[@]}") || login=(docker --config "$authfile" login)
  aws "${ecr_region[@]}" ecr get-login-password | "${login[@]}" --username AWS --password-stdin "$registry" >&2
fi
auth=()
if [ -n "$authfile" ]; then
  [ "$engine" = buildah ] && auth=(--authfile "$authfile") || auth=(--config "$authfile")
fi

if [ "$engine" = buildah ]; then
  buildah push "${auth[@]}" "${tls[@]}" --format v2s2 --digestfile "$work/digest" "$image" "docker://$repository:$tag" >&2
  pushed=$(cat "$work/digest")
  skopeo inspect --raw "${auth[@]}" "${tls[@]}" "docker://$repository:$tag" >"$work/manifest"
else
  docker tag "$image" "$repository:$tag"
  docker "${auth[@]}" push "$repository:$tag" | tee "$work/log" >&2
  pushed=$(grep -oE 'sha256:[0-9a-f]{64}' "$work/log" | tail -1)
  docker "${auth[@]}" buildx imagetools inspect --raw "$repository:$tag" >"$work/manifest"
fi
found=sha256:$(sha256sum "$work/manifest" | cut -d' ' -f1)
[ "$found" = "$pushed" ] || fail "$repository:$tag: pushed $pushed, the registry has $found"
echo "push: $repository:$tag is $found" >&2
echo "$repository@$found"
