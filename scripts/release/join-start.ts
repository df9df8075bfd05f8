import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const MAIN = "bin/crish.ts";
const START = "src/cli/start-process.ts";
const TABLE = "src/cli/command-table.ts";
/** Verbs that are called so often that they belong to the start. */
const OFTEN = ["ps"];

/**
 * Makes one chunk of what every start loads. The bundler parts modules by the entry points that reach
 * them, and whatever is imported dynamically is an entry point: of the start came 40 chunks, each of
 * which takes its time to be found and linked. So in the copy that is built, `tree`, every module that
 * is loaded after the start imports it as well, to no effect but that all of them reach all of it.
 */
export function joinStart(tree: string): void {
  const starts = dynamicImports(tree, MAIN);
  if (!starts.includes(START)) throw new Error(`${MAIN} does not load ${START}`);
  for (const verb of OFTEN) loadAtOnce(tree, verb);
  const later = sourcesIn(tree, "src").flatMap((path) => dynamicImports(tree, path));
  for (const path of new Set(later)) if (!starts.includes(path)) addImport(tree, path, START);
}

/** Even of what is there already a dynamic import takes a module and a turn of the loader. */
function loadAtOnce(tree: string, verb: string): void {
  const path = join(tree, TABLE);
  const source = readFileSync(path, "utf8");
  const loaded = `(await import("../commands/${verb}.ts")).${verb}`;
  if (!source.includes(loaded)) throw new Error(`${TABLE} does not load ${verb}`);
  const statement = `import { ${verb} } from "../commands/${verb}.ts";\n`;
  writeFileSync(path, statement + source.replace(loaded, verb));
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

function addImport(tree: string, path: string, imported: string): void {
  const specifier = relative(dirname(path), imported);
  const dotted = specifier.startsWith(".") ? specifier : `./${specifier}`;
  appendFileSync(join(tree, path), `import ${JSON.stringify(dotted)};\n`);
}
