import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CaseRunner } from "./describe-cri-contract.ts";
import { describeCounted } from "./describe-cri-contract.ts";
import { embeddedSubject } from "./embedded-subject.ts";
import { CLOSING, type Verdict } from "./verdict.ts";

describeCounted(embeddedSubject("bun"), bunRunner());

/** Each case waits for the verdict that the run inside Bun gives on it. */
function bunRunner(): CaseRunner {
  const verdicts = new Map<string, Verdict>();
  const waiting = new Map<string, (verdict: Verdict) => void>();
  let child: ChildProcess | undefined;
  let ending = "";
  const verdictOn = (title: string): Promise<Verdict> => {
    const known = verdicts.get(title);
    if (known !== undefined) return Promise.resolve(known);
    if (ending !== "") return Promise.resolve({ title, error: ending });
    return new Promise((resolve) => waiting.set(title, resolve));
  };
  const judged = async (title: string): Promise<void> => {
    const { error } = await verdictOn(title);
    if (error !== undefined) throw new Error(error);
  };
  return {
    async open() {
      const script = fileURLToPath(new URL("run-on-bun.ts", import.meta.url));
      const bun = spawn("bun", [script], { stdio: ["ignore", "pipe", "inherit"] });
      child = bun;
      createInterface({ input: bun.stdout }).on("line", (line) => {
        const verdict = JSON.parse(line) as Verdict;
        verdicts.set(verdict.title, verdict);
        waiting.get(verdict.title)?.(verdict);
      });
      const end = (why: string): void => {
        ending = why;
        for (const [title, resolve] of waiting) resolve({ title, error: why });
      };
      bun.on("error", (error) => end(`bun: ${error.message}`));
      bun.on("close", (code, signal) => end(`bun ended with ${code ?? signal} before this case`));
    },
    runCase: ({ title }) => judged(title),
    async close() {
      if (child === undefined) return;
      if (child.exitCode === null && verdicts.size === 0) child.kill("SIGTERM");
      const closed = child.exitCode === null ? once(child, "close") : undefined;
      await Promise.all([judged(CLOSING), closed]);
      child = undefined;
    },
  };
}
