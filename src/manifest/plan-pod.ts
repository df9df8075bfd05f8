import { randomUUID } from "node:crypto";
import { containerConfig } from "./container-config.ts";
import { containerEnv } from "./container-env.ts";
import type { DataSources } from "./data-source.ts";
import type { PodFacts } from "./downward.ts";
import type { NodeFacts } from "./node-facts.ts";
import { planMounts } from "./plan-mounts.ts";
import { planVolumes, type VolumePlan } from "./plan-volumes.ts";
import type { ReadPod } from "./read-manifests.ts";

/** A pod that can be made: all that it refers to is there. */
export interface PodPlan {
  readonly facts: PodFacts;
  readonly volumes: readonly VolumePlan[];
  readonly warnings: readonly string[];
}

export interface PlanOptions {
  readonly sources: DataSources;
  readonly node: NodeFacts;
}

/**
 * Everything about a pod that can be known before the first effect. Throws for what would fail only
 * when half of the pod is there: an absent ConfigMap, an unknown field reference, a wrong signal.
 */
export function planPod(read: ReadPod, { sources, node }: PlanOptions): PodPlan {
  const { manifest, namespace } = read;
  const facts: PodFacts = {
    manifest,
    namespace,
    uid: manifest.metadata.uid ?? randomUUID(),
    podIps: [],
    node,
  };
  const volumes = planVolumes(facts, sources);
  const { spec } = manifest;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    planMounts(container, containerEnv(container, facts, sources));
    const pod = facts;
    containerConfig({ container, pod, sources, attempt: 0, mounts: [], imageUser: undefined });
  }
  return { facts, volumes, warnings: [...read.warnings, ...limitWarnings(read)] };
}

function limitWarnings({ manifest: { spec } }: ReadPod): string[] {
  const sized = (spec.volumes ?? []).filter(
    ({ emptyDir }) => emptyDir?.sizeLimit !== undefined && emptyDir.medium !== "Memory",
  );
  const warnings = sized.map(({ name }) => `volume "${name}": sizeLimit is not enforced on disk`);
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  for (const { name, resources } of containers) {
    const other = Object.keys({ ...resources?.requests, ...resources?.limits }).filter(
      (resource) => !/^(?:cpu|memory|hugepages-.*)$/.test(resource),
    );
    for (const resource of other) {
      warnings.push(`container "${name}": resource ${resource} is not limited`);
    }
  }
  if (spec.resources !== undefined) warnings.push("spec.resources is not used");
  return warnings;
}
