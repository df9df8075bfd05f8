#!/bin/sh
# Regenerates src/cri/gen from src/cri/proto: types and codecs, the table of fields and what the proto
# says of those that users write; and the
# WebAssembly of the log decoder. With a directory as argument it writes the first there instead, and
# nothing else: the contract test compares the two.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
out=${1:-src/cri/gen}

mkdir -p "$out"
sed "s#^    out: .*#    out: $out#" buf.gen.yaml > "$out/.buf.gen.yaml"
trap 'rm -f "$out/.buf.gen.yaml" "$out/.descriptor.json"' EXIT
buf generate --template "$out/.buf.gen.yaml"
buf build src/cri/proto -o "$out/.descriptor.json"
node scripts/generate-fields.ts "$out/.descriptor.json" "$out/runtime/v1/fields.ts"
node scripts/generate-descriptions.ts "$out/.descriptor.json" "$out/runtime/v1/descriptions.ts"
[ $# -gt 0 ] || node scripts/generate-kernel.ts
