/**
 * Builds the executable `dist/crish` for this machine.
 *
 * --splitting: without it every node module that any file imports is loaded at start, 12 ms of them.
 * The last two options keep the program from loading `.env` and running `bunfig.toml` of whatever
 * directory it is started in: it runs as root. The finished file must never be stripped.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const output = resolve(root, "dist/crish");
// Built beside and renamed, so that a running dist/crish is neither busy nor half written.
const unfinished = resolve(root, "dist/.crish-unfinished");

mkdirSync(resolve(root, "dist"), { recursive: true });
const { status, error } = spawnSync(
  "bun",
  [
    "build",
    "--compile",
    "--minify",
    "--bytecode",
    "--format=esm",
    "--splitting",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    "bin/crish.ts",
    "--outfile",
    unfinished,
  ],
  { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
);
if (error !== undefined) throw error;
if (status === 0) renameSync(unfinished, output);
process.exitCode = status ?? 1;
