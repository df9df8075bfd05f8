/**
 * npm run bench:logs: how fast `logs` of dist/crish ($CRISH_BIN) reads a log of a gigabyte through a
 * pipe, beside cat, and its last hundred lines. Prints medians, ratios and the aims; asserts nothing.
 * BENCH_ROUNDS and BENCH_LOG_MIB make a run shorter or longer.
 */
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { createCleanup } from "../support/cleanup.ts";
import { embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { waitUntil } from "../support/wait-until.ts";
import { takeTurns, timeProcess } from "./measure.ts";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SIZE_BYTES = Number(process.env.BENCH_LOG_MIB ?? 1024) * 1024 * 1024;
const ENTRIES_PER_BLOCK = 20_000;

/** What is compared with cat, and its least share of cat's speed. */
const THROUGHPUTS = [
  { flags: "", aim: 0.5 },
  { flags: "--timestamps" },
  { flags: "--since 2020-01-01" },
  { flags: "--grep panic" },
] as const;
const TAIL_AIM_MS = 100;

const cleanup = createCleanup();
try {
  const target = await embeddedCli(cleanup);
  const id = await target.runDetached("bench", ["true"]);
  await waitUntil(
    "it has ended",
    async () => (await target.out(["ps", "-q", "-s", "running"])) === "",
  );
  const { status } = JSON.parse(await target.out(["inspect", "-q", id]));
  await writeLog(status.logPath);
  const { command, args } = crishCommand();
  const logs = [command, ...args, "logs", id].join(" ");
  const env = { ...crishEnvironment(), ...target.env };
  const competitor = (name: string, line: string) => ({
    name,
    turn: async () => ({ run: (await timeProcess("sh", ["-c", line], { env })).ms }),
  });
  const medians = await takeTurns(
    [
      competitor("cat", `cat '${status.logPath}' | cat >/dev/null`),
      ...THROUGHPUTS.map(({ flags }) => competitor(flags, `${logs} ${flags} | cat >/dev/null`)),
      competitor("tail", `${logs} --tail 100 | cat >/dev/null`),
    ],
    ROUNDS,
  );
  const msOf = (name: string) => medians[name]?.run ?? Number.NaN;
  const mib = Math.round((await stat(status.logPath)).size / 1024 / 1024);
  print(`${mib} MiB through a pipe: cat takes ${msOf("cat").toFixed(0)} ms`);
  for (const { flags, ...rest } of THROUGHPUTS) {
    const share = (msOf("cat") / msOf(flags)).toFixed(2);
    const aim = "aim" in rest ? `, aim ${rest.aim}` : "";
    print(`logs ${flags}: ${msOf(flags).toFixed(0)} ms, ${share} of cat's speed${aim}`);
  }
  print(`logs --tail 100: ${msOf("tail").toFixed(0)} ms, aim ${TAIL_AIM_MS} ms`);
} finally {
  await cleanup.run();
}

/** Entries of many lengths, as containerd writes them: without the zeros at the end of a fraction. */
async function writeLog(path: string): Promise<void> {
  const block = Buffer.from(
    Array.from({ length: ENTRIES_PER_BLOCK }, (_, index) => {
      const nanos =
        String((index * 7_919_003) % 1e9)
          .padStart(9, "0")
          .replace(/0+$/, "") || "0";
      const second = String(index % 60).padStart(2, "0");
      const text = `request ${index} ${"served in good time, ".repeat(index % 10)}`;
      return `2026-01-02T03:04:${second}.${nanos}+00:00 ${index % 50 ? "stdout" : "stderr"} F ${text}\n`;
    }).join(""),
  );
  const file = createWriteStream(path);
  for (let written = 0; written < SIZE_BYTES; written += block.length) {
    if (!file.write(block)) await new Promise((resolve) => file.once("drain", resolve));
  }
  file.end();
  await finished(file);
}

function print(line: string): void {
  process.stdout.write(`${line.replace(/ +/g, " ").replace("logs :", "logs:")}\n`);
}
