#!/usr/bin/env bash
# Types of the API from its description, the type check, lint and format; any finding fails. Node.js is on the PATH.
set -euo pipefail
cd "$(dirname "$0")"
run() { node "node_modules/$1" "${@:2}"; }
run openapi-typescript/bin/cli.js openapi.json -o src/api/schema.ts --root-types --root-types-no-schema-prefix >/dev/null
run typescript/bin/tsc -p .
run typescript/bin/tsc -p test/unit
run @biomejs/biome/bin/biome ci --colors=off --error-on-warnings .
