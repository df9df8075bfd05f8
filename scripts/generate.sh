#!/bin/sh
# Regenerates the code from the protos: for CRI types, codecs, the table of fields and what the proto says
# of those that users write, for containerd's services types and codecs; and the WebAssembly of the log
# decoder. With a directory as argument it writes the first there instead of src, and nothing else: the
# contract test compares the two.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
out=${1:-src}
template=$out/.buf.gen.yaml
descriptor=$out/.descriptor.json
trap 'rm -f "$template" "$descriptor"' EXIT

for room in cri containerd; do
  mkdir -p "$out/$room/gen"
  sed "s#ROOM/proto#$room/proto#; s#^    out: .*#    out: $out/$room/gen#" buf.gen.yaml > "$template"
  buf generate --template "$template"
done
buf build src/cri/proto -o "$descriptor"
node scripts/generate-fields.ts "$descriptor" "$out/cri/gen/runtime/v1/fields.ts"
node scripts/generate-descriptions.ts "$descriptor" "$out/cri/gen/runtime/v1/descriptions.ts"
[ $# -gt 0 ] || node scripts/generate-kernel.ts
