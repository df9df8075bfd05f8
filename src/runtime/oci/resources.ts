import type { LinuxContainerResources } from "../../cri/gen/runtime/v1/api.ts";
import type { NodeFacts, SpecInput } from "./spec-input.ts";

/** CRI's limits as the runtime specification writes them; what CRI leaves at zero is left out. */
export function buildResources(input: SpecInput): object {
  const resources = input.config.linux?.resources;
  return {
    devices: deviceRules(input),
    ...(resources === undefined ? {} : limits(resources, input.node)),
  };
}

/** All refused but what is allowed: runc adds null, zero, tty, ptmx and their like by itself. */
function deviceRules(input: SpecInput): object[] {
  if (input.config.linux?.securityContext?.privileged) return [{ allow: true, access: "rwm" }];
  return [
    { allow: false, access: "rwm" },
    ...input.devices.map(({ device, permissions }) => ({
      allow: true,
      type: device.type,
      major: device.major,
      minor: device.minor,
      access: permissions,
    })),
  ];
}

function limits(resources: LinuxContainerResources, node: NodeFacts): object {
  const unified = Object.keys(resources.unified).length > 0 && node.cgroupMode === "v2";
  return {
    cpu: omitEmpty({
      shares: Number(resources.cpuShares),
      period: Number(resources.cpuPeriod),
      quota: Number(resources.cpuQuota),
      cpus: resources.cpusetCpus,
      mems: resources.cpusetMems,
    }),
    memory: memory(resources, node),
    ...(node.hasHugetlb && resources.hugepageLimits.length > 0
      ? {
          hugepageLimits: resources.hugepageLimits.map(({ pageSize, limit }) => ({
            pageSize,
            limit: Number(limit),
          })),
        }
      : {}),
    ...(unified ? { unified: resources.unified } : {}),
  };
}

/** A limit on memory alone must not be evaded through swap: then both are the same. */
function memory(resources: LinuxContainerResources, node: NodeFacts): object {
  const limit = Number(resources.memoryLimitInBytes);
  const swap = Number(resources.memorySwapLimitInBytes) || limit;
  return omitEmpty({ limit, swap: node.hasSwapAccounting ? swap : 0 });
}

function omitEmpty(values: Record<string, number | string>): object {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== 0 && value !== ""),
  );
}
