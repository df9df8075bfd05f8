import type { LinuxContainerResources } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { applyResources } from "../cgroups/apply-resources.ts";
import { listCgroupProcesses } from "../cgroups/list-cgroup-processes.ts";
import { mergeLimits } from "../cgroups/merge-limits.ts";
import type { Engine } from "../engine.ts";
import { setOomScore } from "../oci/set-oom-score.ts";
import { phaseOf } from "./container-state.ts";
import { updateContainer } from "./container-store.ts";
import { getContainer } from "./find-container.ts";

/**
 * Sets the limits that are not zero and keeps the others, in the cgroup and in the record.
 * FailedPrecondition for a container that has ended.
 */
export async function updateContainerLimits(
  engine: Engine,
  id: string,
  limits: LinuxContainerResources,
): Promise<void> {
  const found = await getContainer(engine, id);
  await engine.locks.withLock(`container:${found.id}`, {}, async () => {
    const record = await getContainer(engine, found.id);
    if (phaseOf(record) === "exited") {
      throw new StatusError("FailedPrecondition", `container "${record.id}" has exited`);
    }
    // As at the creation: a limit on memory alone holds for memory and swap together.
    const memorySwapLimitInBytes = limits.memorySwapLimitInBytes || limits.memoryLimitInBytes;
    applyResources(record.cgroupPath, { ...limits, memorySwapLimitInBytes });
    if (limits.oomScoreAdj !== 0n)
      setOomScore(listCgroupProcesses(record.cgroupPath), limits.oomScoreAdj);
    const resources = mergeLimits(record.config.linux?.resources, limits);
    const config = {
      ...record.config,
      linux: { securityContext: record.config.linux?.securityContext, resources },
    };
    await engine.database.write((db) => updateContainer(db, { ...record, config }));
  });
}
