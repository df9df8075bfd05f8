import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const MAIN = "bin/crish.ts";
const START = "src/cli/start-process.ts";
const RUNTIME_CALLS = "src/runtime/services";
/** What is loaded from a room is loaded after its head. */
const ROOMS = [
  { room: RUNTIME_CALLS, head: "src/runtime/index.ts" },
  { room: "src/cri", head: "src/cri/remote-backend.ts" },
  { room: "src/server", head: "src/cri/remote-backend.ts" },
];
/** Small modules that a command of the embedded runtime has in common with others. */
const SMALL = [
  "src/host/process-identity.ts",
  "src/host/random-id.ts",
  "src/host/sha256.ts",
  "src/host/sleep.ts",
  "src/runtime/host/errno-error.ts",
];
const CODECS = "src/cri/gen/runtime/v1/api.ts";
/** What codecs are made of, and the package that it is in. */
const WIRE_PACKAGE = "node_modules/@bufbuild/protobuf";
const WIRE = "dist/esm/wire/binary-encoding.js";
/** What is called so often that it belongs to what calls it. */
const OFTEN = [
  { in: "src/cli/command-table.ts", file: "../commands/ps.ts" },
  { in: "src/cli/open-backend.ts", file: "./detect-endpoint.ts" },
  { in: `${RUNTIME_CALLS}/runtime-service.ts`, file: "./container-list.ts" },
];

/**
 * Makes one chunk of what every start loads, and one of what the embedded runtime loads for each
 * command. The bundler parts modules by the entry points that reach them, and whatever is imported
 * dynamically is an entry point: of the start came 40 chunks, each of which takes its time to be found
 * and linked. So in the copy that is built, `tree`, every module that is loaded after such a chunk
 * imports it as well, to no effect but that all of them reach all of it.
 */
export function joinStart(tree: string): void {
  const starts = dynamicImports(tree, MAIN);
  if (!starts.includes(START)) throw new Error(`${MAIN} does not load ${START}`);
  for (const often of OFTEN) loadAtOnce(tree, often);
  const later = sourcesIn(tree, "src").flatMap((path) => dynamicImports(tree, path));
  for (const path of new Set(later)) if (!starts.includes(path)) addImport(tree, path, START);
  for (const path of SMALL) addImport(tree, START, path);
  addImport(tree, CODECS, START);
  keepImports(tree, WIRE_PACKAGE, WIRE);
  addImport(tree, START, join(WIRE_PACKAGE, WIRE));
  for (const { room, head } of ROOMS) {
    const calls = sourcesIn(tree, room).flatMap((path) => dynamicImports(tree, path));
    for (const path of new Set(calls)) if (path !== head) addImport(tree, path, head);
  }
}

/** Even of what is there already a dynamic import takes a module and a turn of the loader. */
function loadAtOnce(tree: string, often: { readonly in: string; readonly file: string }): void {
  const path = join(tree, often.in);
  const source = readFileSync(path, "utf8");
  const dynamic = `await import("${often.file}")`;
  if (!source.includes(dynamic)) throw new Error(`${often.in} does not load ${often.file}`);
  const statement = `import * as atOnce from "${often.file}";\n`;
  writeFileSync(path, statement + source.replaceAll(dynamic, "atOnce"));
}

function sourcesIn(tree: string, room: string): string[] {
  return readdirSync(join(tree, room), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(room, name));
}

/** The files of ours that the file imports dynamically. */
function dynamicImports(tree: string, path: string): string[] {
  const text = readFileSync(join(tree, path), "utf8");
  return [...text.matchAll(/\bimport\(\s*"(\.[^"]+)"\s*\)/g)].map(([, specifier = ""]) =>
    join(dirname(path), specifier),
  );
}

/** Of a module that the package calls free of effects, the bundler drops an import that uses nothing. */
function keepImports(tree: string, directory: string, file: string): void {
  const path = join(tree, directory, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...manifest, sideEffects: [`./${file}`] }));
}

function addImport(tree: string, path: string, imported: string): void {
  const specifier = relative(dirname(path), imported);
  const dotted = specifier.startsWith(".") ? specifier : `./${specifier}`;
  appendFileSync(join(tree, path), `import ${JSON.stringify(dotted)};\n`);
}
