/**
 * Records what the commands of `npm run bench:start` use of their code, most important first, for the
 * layout of the executable's bytecode: `node test/bench/record-bytecode-order.ts` after a build, then
 * build again. A record of an older build still serves, but for what has changed since.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createCleanup } from "../support/cleanup.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { startPlaces } from "./start-places.ts";

const OUTPUT = resolve(import.meta.dirname, "../../scripts/release/bytecode-order.txt");

const cleanup = createCleanup();
try {
  const places = await startPlaces(cleanup);
  const lines = [
    ...places.map(({ endpoint }) => ["-r", endpoint, "ps"]),
    ...places.map(({ endpoint, id }) => ["-r", endpoint, "exec", id, "true"]),
    ["help"],
  ];
  const env = crishEnvironment(Object.assign({}, ...places.map((place) => place.env)));
  const directory = places[0]?.directory ?? "";
  // One that is at rest is only looked at; just changed, it is connected to.
  const database = `${env.CRISH_ROOT}/crish.db`;
  utimesSync(database, 1, 1);
  const records = lines.map((line, index) => used(line, env, `${directory}/${index}`));
  utimesSync(database, Date.now() / 1000, Date.now() / 1000);
  records.push(used(["-r", "embedded:", "ps"], env, `${directory}/connected`));
  writeFileSync(OUTPUT, ["v2", ...new Set(records.flat()), ""].join("\n"));
} finally {
  await cleanup.run();
}

/** What Bun's record says was used, functions, modules and strings: a sixth of it, the rest is what was not. */
function used(line: readonly string[], env: NodeJS.ProcessEnv, base: string): string[] {
  const file = `${base}.order`;
  const { command, args } = crishCommand();
  execFileSync(command, [...args, ...line], {
    env: { ...env, BUN_BYTECODE_ORDER_OUT: file },
    stdio: "ignore",
  });
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((recorded) => /^[FMS] /.test(recorded));
}
