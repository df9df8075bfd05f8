import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startBackgroundProcess } from "../support/background-process.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { waitUntil } from "../support/wait-until.ts";

const LINES = ["events", "logs -f web", "ps -w", "stats -w web", "statsp -w", "metricsp -w"];
/** After it began to listen to signals. */
const MOMENTS_MS = [0, 3, 6, 10, 15, 20, 30, 45, 70, 110, 150];
const SIGINT_BIT = 0b10n;

for (const [name, open] of [
  ["the embedded runtime", embeddedCli],
  ["containerd", containerdCli],
] as const) {
  describe(`a SIGINT for what follows ${name}`, { timeout: 180_000 }, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    before(async () => {
      target = await open(cleanup);
      await target.runDetached("web", ["sh", "-c", "while :; do date; sleep 0.1; done"]);
    });

    for (const line of LINES) {
      // containerd 1.6 tells no events and no metrics, and has figures of pods from a kubelet's alone.
      if (name === "containerd" && /^(events|metricsp|statsp)/.test(line)) continue;
      it(`ends ${line} with 0 at any moment, also where it comes twice`, async () => {
        const { command, args } = crishCommand();
        const env = crishEnvironment(target.env);
        for (const [index, momentMs] of MOMENTS_MS.entries()) {
          const words = [...args, ...line.split(" ")];
          const { child, pid, ended, output } = startBackgroundProcess(cleanup, command, words, {
            env,
          });
          await waitUntil("it listens to signals", () => catchesInterrupts(pid), { intervalMs: 1 });
          await delay(momentMs);
          child.kill("SIGINT");
          if (index % 2 === 1) {
            await delay(index);
            child.kill("SIGINT");
          }
          assert.equal(await ended, 0, `after ${momentMs} ms: ${output().slice(-300)}`);
        }
      });
    }
  });
}

async function catchesInterrupts(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return (BigInt(`0x${caught ?? "0"}`) & SIGINT_BIT) !== 0n;
}
