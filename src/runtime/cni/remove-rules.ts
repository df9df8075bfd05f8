import { StatusError } from "../../errors/status-error.ts";
import { findExecutable } from "../../host/find-executable.ts";
import { runProcess } from "../../host/run-process.ts";

/**
 * Removes from iptables' nat table, of both address families, every rule whose comment bears the ID,
 * and the chains that were the pod's alone. In one transaction; idempotent; nothing to do where
 * iptables is not installed.
 */
export async function removeRules(containerId: string): Promise<void> {
  for (const family of ["iptables", "ip6tables"]) {
    if (findExecutable(`${family}-save`) === undefined) continue;
    const saved = await runProcess(`${family}-save`, ["-t", "nat"]);
    // A kernel without that family's nat table has no rule of ours in it.
    if (saved.exitCode !== 0) continue;
    const script = removalScript(saved.stdout.toString(), containerId);
    if (script === undefined) continue;
    const restored = await runProcess(`${family}-restore`, ["--noflush", "-w"], { input: script });
    if (restored.exitCode !== 0) {
      throw new StatusError("Internal", `could not remove the rules of pod "${containerId}"`, {
        cause: new Error(restored.stderr.toString().trim()),
      });
    }
  }
}

/** Input of iptables-restore that deletes the rules and chains; undefined where there are none. */
export function removalScript(saved: string, containerId: string): string | undefined {
  const rules = saved.split("\n").filter((line) => line.startsWith("-A "));
  const ours = rules.filter((rule) => commentOf(rule)?.includes(containerId));
  if (ours.length === 0) return undefined;
  const chains = new Set(ours.flatMap((rule) => podChainOf(rule) ?? []));
  return [
    "*nat",
    ...ours.map((rule) => rule.replace("-A ", "-D ")),
    ...[...chains].flatMap((chain) => [`-F ${chain}`, `-X ${chain}`]),
    "COMMIT",
    "",
  ].join("\n");
}

function commentOf(rule: string): string | undefined {
  return /--comment ("(?:[^"\\]|\\.)*"|\S+)/.exec(rule)?.[1];
}

/** The chain that a rule jumps to, where its name shows it to be one pod's. */
function podChainOf(rule: string): string | undefined {
  return /-j (CNI-(?:DN-|SN-)?[0-9a-f]{16,})\b/.exec(rule)?.[1];
}
