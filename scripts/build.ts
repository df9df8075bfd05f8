/**
 * Builds executables: `dist/crish` for this machine, or `dist/crish-TARGET` for each `--target`
 * (repeated, or "all"). `--outfile FILE` puts a single one elsewhere. The same commit gives the same bytes.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutables, type ExecutableToBuild } from "./release/build-executable.ts";
import { readArguments, UsageError } from "./release/read-arguments.ts";
import { hostTarget, targetsNamed } from "./release/targets.ts";
import { tryExecutable } from "./release/try-executable.ts";

const root = resolve(import.meta.dirname, "..");
const wanted = readArguments(executablesWanted);
buildExecutables(root, wanted);
for (const { target, output } of wanted) {
  process.stdout.write(`${output}: ${tryExecutable(target, output)}\n`);
}

function executablesWanted(): readonly ExecutableToBuild[] {
  const { values, positionals } = parseArgs({
    options: { target: { type: "string", multiple: true }, outfile: { type: "string" } },
    // `--target linux-arm64 linux-x64-musl`
    allowPositionals: true,
  });
  const names = [...(values.target ?? []), ...positionals].flatMap((name) => name.split(","));
  if (names.length === 0) {
    return [{ target: hostTarget(), output: resolve(values.outfile ?? join(root, "dist/crish")) }];
  }
  const targets = targetsNamed(names);
  if (values.outfile !== undefined) {
    const [target] = targets;
    if (target === undefined || targets.length > 1)
      throw new UsageError("--outfile is for one target");
    return [{ target, output: resolve(values.outfile) }];
  }
  return targets.map((target) => ({ target, output: join(root, `dist/crish-${target.name}`) }));
}
