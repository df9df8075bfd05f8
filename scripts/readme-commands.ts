/** Writes the table of commands between the marks in README.md: `node scripts/readme-commands.ts`. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ArgSpec, CommandSpec } from "../src/cli/command.ts";
import { loadAllCommands } from "../src/cli/command-table.ts";

const README = resolve(import.meta.dirname, "../README.md");
const MARKS = /(<!-- commands -->\n)[\s\S]*?(<!-- \/commands -->)/;

/** README.md as it should be now. */
export async function readmeWithCommands(): Promise<string> {
  const commands = await loadAllCommands();
  const rows = commands
    .map(({ spec }) => spec)
    .filter((spec) => spec.hidden !== true)
    .map(
      (spec) =>
        `| \`${[spec.name, ...spec.args.map(placeholder)].join(" ")}\` | ${meaning(spec)} |\n`,
    );
  const table = `| Command | Meaning |\n| --- | --- |\n${rows.join("")}`;
  return readFileSync(README, "utf8").replace(MARKS, `$1${table}$2`);
}

function placeholder({ name, required, variadic, unless }: ArgSpec): string {
  const word = `${name.toUpperCase()}${variadic === true ? "…" : ""}`;
  return required && unless === undefined ? word : `[${word}]`;
}

function meaning({ summary, aliases = [] }: CommandSpec): string {
  return aliases.length === 0 ? summary : `${summary} (also \`${aliases.join("`, `")}\`)`;
}

if (import.meta.main) writeFileSync(README, await readmeWithCommands());
