/**
 * Writes the WebAssembly of the log decoder as a TypeScript module. Arguments: source and output;
 * without any, those of this checkout. A test compares the two.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import wabt from "wabt";

const directory = resolve(import.meta.dirname, "../src/cli/logs/kernel");
const [
  source = join(directory, "decode-entries.wat"),
  output = join(directory, "decode-entries-wasm.ts"),
] = process.argv.slice(2);

const { parseWat } = await wabt();
const module = parseWat(source, readFileSync(source, "utf8"), { simd: true });
module.validate();
const base64 = Buffer.from(module.toBinary({}).buffer).toString("base64");
const lines = (base64.match(/.{1,92}/g) ?? []).map((line) => `  "${line}"`);
writeFileSync(
  output,
  `/** Generated from ${basename(source)} by scripts/generate-kernel.ts. */
export const DECODE_ENTRIES_WASM =
${lines.join(" +\n")};
`,
);
