#!/usr/bin/env bash
# Installs what stands for AWS in the tests:
#   .cache/aws/rie              the Lambda Runtime Interface Emulator, from the wheel aws-sam-cli 1.170.0 (Apache-2.0)
#   .cache/aws/elasticmq/*.jar  ElasticMQ 1.7.1, an SQS server, from Maven Central (Apache-2.0)
#   .cache/venv-aws             moto's server, boto3, the aws CLI and cfn-lint, as tests/lambda/requirements.txt pins them
# Every file is checked against a SHA-256 that is kept in the repository.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

SAM_WHEEL=$DOWNLOADS/aws_sam_cli-1.170.0-py3-none-any.whl
SAM_SHA256=24ebaf5ecba38dc1758089968cb89ab61e124b84e92a344fc7a2771a47f4d0bf
case $(uname -m) in
  x86_64)
    RIE_NAME=aws-lambda-rie-x86_64
    RIE_SHA256=6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5
    ;;
  *)
    echo "setup: the Lambda emulator is pinned for x86_64 only, this is $(uname -m)" >&2
    exit 1
    ;;
esac
TARGET=$CACHE/aws
JARS_SHA256=$ROOT/tests/lambda/elasticmq.sha256
mkdir -p "$TARGET"

# ElasticMQ runs on Java and comes by Maven. Any Java will do: only ask for a package where there is none.
packages=()
command -v java >/dev/null || packages+=(default-jre-headless)
command -v mvn >/dev/null || packages+=(maven)
need_packages "${packages[@]}"

if ! has_sha256 "$TARGET/rie" $RIE_SHA256; then
  if ! has_sha256 "$SAM_WHEEL" $SAM_SHA256; then
    echo "aws-sam-cli==1.170.0 --hash=sha256:$SAM_SHA256" >"$DOWNLOADS/sam.txt"
    "$PYTHON" -m pip download -q --require-hashes --no-deps --only-binary=:all: -r "$DOWNLOADS/sam.txt" -d "$DOWNLOADS"
  fi
  need_sha256 "$SAM_WHEEL" $SAM_SHA256
  unzip -q -o -j "$SAM_WHEEL" "samcli/local/rapid/$RIE_NAME" -d "$TARGET"
  mv -f "$TARGET/$RIE_NAME" "$TARGET/rie"
  chmod 755 "$TARGET/rie"
  need_sha256 "$TARGET/rie" $RIE_SHA256
fi

jars_checked() { (cd "$TARGET/elasticmq" 2>/dev/null && sha256sum -c --status --strict "$JARS_SHA256"); }
if ! jars_checked; then
  rm -rf "$TARGET/elasticmq"
  mvn -q -B -f "$ROOT/tests/lambda/elasticmq-pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies -DincludeScope=runtime \
    "-DoutputDirectory=$TARGET/elasticmq" >"$TARGET/maven.log" 2>&1 || { cat "$TARGET/maven.log" >&2; exit 1; }
  jars_checked || { echo "setup: $TARGET/elasticmq: a jar differs from $JARS_SHA256" >&2; exit 1; }
fi
# The class path is every jar of the folder, so nothing else may lie there.
[ "$(find "$TARGET/elasticmq" -type f | wc -l)" -eq "$(wc -l <"$JARS_SHA256")" ] ||
  { echo "setup: $TARGET/elasticmq: more files than $JARS_SHA256 names" >&2; exit 1; }

make_venv "$CACHE/venv-aws" "$ROOT/tests/lambda/requirements.txt"
