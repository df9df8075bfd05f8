import { existsSync, readFileSync } from "node:fs";
import { parseCapabilityMask } from "./capabilities.ts";
import type { NodeFacts } from "./spec-input.ts";

/** Reads what this process may hand on and what the kernel offers; the cgroup facts are the caller's. */
export function readNodeFacts(
  cgroups: Pick<NodeFacts, "cgroupMode" | "hasSwapAccounting" | "hasHugetlb">,
): NodeFacts {
  const status = readFileSync("/proc/self/status", "latin1");
  const mask = (name: string) => new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
  const permitted = parseCapabilityMask(mask("CapPrm") ?? "0");
  const bounding = parseCapabilityMask(mask("CapBnd") ?? "0");
  return {
    ...cgroups,
    capabilities: permitted.filter((name) => bounding.includes(name)),
    oomScoreAdj: Number(readFileSync("/proc/self/oom_score_adj", "latin1")),
    hasAppArmor: existsSync("/sys/kernel/security/apparmor/profiles"),
  };
}
