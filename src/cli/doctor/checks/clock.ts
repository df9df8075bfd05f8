import { statSync } from "node:fs";
import { type Check, type Finding, fail, ok, warn } from "../finding.ts";

const MOST_MS = 5 * 60_000;
const PROBE_MS = 3_500;

/** A clock that is wrong makes certificates invalid and times of containers absurd. */
export const clock: Check = {
  id: "clock",
  title: "clock",
  embedded: false,
  async run({ node, registries }, signal) {
    const now = new Date();
    const builtAt = statSync(process.execPath).mtime;
    if (now < builtAt) return [behind(now, builtAt)];
    const name = registries[0] ?? "docker.io";
    const answers = await node.probeRegistry(name, { signal, timeoutMs: PROBE_MS }).catch(() => []);
    const answer = answers.find(({ date }) => date !== undefined);
    return [judgeClock(new Date(), answer?.date, answer?.url)];
  },
};

function behind(now: Date, builtAt: Date): Finding {
  const text = `the clock says ${now.toISOString()}, before crish was installed (${builtAt.toISOString()})`;
  return fail("clock", text, "set it: timedatectl set-ntp true, or date -s");
}

export function judgeClock(now: Date, other: Date | undefined, from = ""): Finding {
  const shown = now.toISOString().replace(/\.\d+Z$/, "Z");
  if (other === undefined) return ok("clock", shown);
  const offMs = Math.abs(now.getTime() - other.getTime());
  if (offMs <= MOST_MS) return ok("clock", `${shown}, as ${from} has it`);
  const minutes = Math.round(offMs / 60_000);
  const text = `the clock (${shown}) is ${minutes} minutes off that of ${from}`;
  return warn("clock", text, "set it: timedatectl set-ntp true, or date -s");
}
