import { attachCases } from "./cases/attach.ts";
import { configurationCases } from "./cases/configuration.ts";
import { containerCreateCases } from "./cases/container-create.ts";
import { containerListCases } from "./cases/container-list.ts";
import { containerStartCases } from "./cases/container-start.ts";
import { containerStopCases } from "./cases/container-stop.ts";
import { execCases } from "./cases/exec.ts";
import { execSyncCases } from "./cases/exec-sync.ts";
import { imagePullCases } from "./cases/image-pull.ts";
import { imageCases } from "./cases/images.ts";
import { laterCases } from "./cases/later.ts";
import { limitCases } from "./cases/limits.ts";
import { logCases } from "./cases/logs.ts";
import { metricsCases } from "./cases/metrics.ts";
import { mountCases } from "./cases/mounts.ts";
import { networkCases } from "./cases/networks.ts";
import { portForwardCases } from "./cases/port-forward.ts";
import { runtimeInfoCases } from "./cases/runtime-info.ts";
import { sandboxListCases } from "./cases/sandbox-list.ts";
import { sandboxStatsCases } from "./cases/sandbox-stats.ts";
import { sandboxCases } from "./cases/sandboxes.ts";
import { securityCases } from "./cases/security.ts";
import { statsCases } from "./cases/stats.ts";
import { type ContractCase, contractCase } from "./contract-case.ts";
import type { ContractSubject, Rpc } from "./contract-target.ts";
import { refusesCleanly } from "./refuses-cleanly.ts";

/** Every case of the suite, in the order in which they run. */
export const ALL_CASES: readonly ContractCase[] = [
  ...runtimeInfoCases,
  ...sandboxCases,
  ...sandboxListCases,
  ...networkCases,
  ...imagePullCases,
  ...imageCases,
  ...containerCreateCases,
  ...containerStartCases,
  ...containerStopCases,
  ...containerListCases,
  ...configurationCases,
  ...mountCases,
  ...securityCases,
  ...limitCases,
  ...execSyncCases,
  ...logCases,
  ...statsCases,
  ...sandboxStatsCases,
  ...metricsCases,
  ...execCases,
  ...attachCases,
  ...portForwardCases,
  ...laterCases,
];

/** The suite for one subject: a call that it lacks has one case, that it is refused cleanly. */
export function casesFor(subject: ContractSubject): ContractCase[] {
  const lacks = new Set<Rpc>(subject.unimplemented);
  return [
    ...ALL_CASES.filter(({ rpc }) => !lacks.has(rpc) && (subject.rpcs?.includes(rpc) ?? true)),
    ...subject.unimplemented.map((rpc) =>
      contractCase(rpc, [], "is refused with Unimplemented", (world) => refusesCleanly(world, rpc)),
    ),
  ];
}
