/** Whole processes, timed by hyperfine, which starts each in the same way and at the same cost. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface TimedCommand {
  readonly name: string;
  readonly words: readonly string[];
}

export interface Rounds {
  readonly rounds: number;
  readonly runsPerRound: number;
  readonly env: NodeJS.ProcessEnv;
  /** For hyperfine's results. */
  readonly directory: string;
}

/**
 * Median milliseconds of each command, by name. They take turns, round by round, so that a machine
 * that slows down troubles all alike. Output goes through a pipe. A command that fails ends it all.
 */
export function medianTimes(
  commands: readonly TimedCommand[],
  { rounds, runsPerRound, env, directory }: Rounds,
): ReadonlyMap<string, number> {
  const file = join(directory, "hyperfine.json");
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  const args = [
    "--shell=none",
    "--warmup=1",
    `--runs=${runsPerRound}`,
    "--output=pipe",
    "--style=none",
    `--export-json=${file}`,
    ...commands.flatMap(({ name, words }) => [
      `--command-name=${name}`,
      words.map(quote).join(" "),
    ]),
  ];
  for (let round = 0; round < rounds; round++) {
    execFileSync("hyperfine", args, { env, stdio: ["ignore", "ignore", "pipe"] });
    const { results } = JSON.parse(readFileSync(file, "utf8")) as Results;
    for (const { command, times: seconds } of results) {
      times.get(command)?.push(...seconds.map((second) => second * 1000));
    }
  }
  return new Map([...times].map(([name, all]) => [name, median(all)]));
}

interface Results {
  readonly results: readonly { readonly command: string; readonly times: readonly number[] }[];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
