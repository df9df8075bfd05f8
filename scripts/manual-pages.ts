/** Writes the manual pages to man/: `node scripts/manual-pages.ts`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadAllCommands } from "../src/cli/command-table.ts";
import { BUILTIN_TABLE } from "../src/repl/builtins/builtin-table.ts";
import { configPage } from "./man/config-page.ts";
import { crishPage } from "./man/crish-page.ts";
import { renderPage } from "./man/page.ts";
import { shellPage } from "./man/shell-page.ts";
import { verbPage } from "./man/verb-page.ts";

const DIRECTORY = resolve(import.meta.dirname, "../man");

/** Every page by the name of its file, as it should be now. */
export async function manualPages(): Promise<ReadonlyMap<string, string>> {
  const commands = await loadAllCommands();
  const visible = commands.filter(({ spec }) => spec.hidden !== true);
  const shown = visible.map(({ spec }) => spec);
  const builtins = await Promise.all(BUILTIN_TABLE.map((entry) => entry.load()));
  const pages = [
    crishPage(shown),
    ...visible.map((command) => verbPage(command, shown)),
    configPage(),
    shellPage(builtins.map(({ spec }) => spec)),
  ];
  return new Map(pages.map((page) => [`${page.name}.${page.section}`, renderPage(page)]));
}

if (import.meta.main) {
  const pages = await manualPages();
  mkdirSync(DIRECTORY, { recursive: true });
  for (const name of readdirSync(DIRECTORY)) if (!pages.has(name)) rmSync(join(DIRECTORY, name));
  for (const [name, text] of pages) writeFileSync(join(DIRECTORY, name), text);
}
