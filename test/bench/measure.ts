/** Medians of two or more competitors that take turns, so that a noisy machine troubles all alike. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface Competitor {
  readonly name: string;
  /** One measured turn; returns milliseconds by the name of the step. */
  turn(round: number): Promise<Record<string, number>>;
}

/** Median milliseconds by step, for each competitor by name. */
export type Medians = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Runs every competitor once unmeasured, then `rounds` times in turn: A B A B. */
export async function takeTurns(
  competitors: readonly Competitor[],
  rounds: number,
): Promise<Medians> {
  const samples = new Map(competitors.map(({ name }) => [name, new Map<string, number[]>()]));
  for (let round = -1; round < rounds; round++) {
    for (const { name, turn } of competitors) {
      const times = await turn(round);
      if (round < 0) continue;
      for (const [step, ms] of Object.entries(times)) {
        const steps = samples.get(name);
        steps?.set(step, [...(steps.get(step) ?? []), ms]);
      }
    }
  }
  const ofSteps = (steps: Map<string, number[]>): Record<string, number> =>
    Object.fromEntries([...steps].map(([step, values]) => [step, median(values)]));
  return Object.fromEntries([...samples].map(([name, steps]) => [name, ofSteps(steps)]));
}

/**
 * Runs a program to its end; resolves to its milliseconds and its output. A failure rejects. The
 * event loop goes on meanwhile: the servers that are measured write their logs to this process.
 */
export async function timeProcess(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<{ ms: number; stdout: string }> {
  const startedAt = process.hrtime.bigint();
  const child = spawn(command, args, { env: options.env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(options.input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const ms = Number(process.hrtime.bigint() - startedAt) / 1e6;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return { ms, stdout: stdout.trim() };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
