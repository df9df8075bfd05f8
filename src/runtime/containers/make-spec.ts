import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { findHierarchy, type Hierarchies, readHierarchies } from "../cgroups/hierarchies.ts";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { prepareBindMounts } from "../oci/bind-mounts.ts";
import { buildSpec } from "../oci/build-spec.ts";
import { resolveCapabilities } from "../oci/capabilities.ts";
import { findAllDevices, findDevices } from "../oci/find-devices.ts";
import { loadSeccomp } from "../oci/load-seccomp.ts";
import { readInsideRoot } from "../oci/read-inside-root.ts";
import { readNodeFacts } from "../oci/read-node-facts.ts";
import { resolveUser } from "../oci/resolve-user.ts";
import type { RuntimeSpec } from "../oci/runtime-spec.ts";
import type { NodeFacts } from "../oci/spec-input.ts";
import { prepareImageVolumes } from "./image-volumes.ts";
import type { PodEnvironment } from "./pod-environment.ts";
import { readFeatures } from "./runtime-features.ts";
import { toSpecPod } from "./spec-pod.ts";

export interface SpecOptions {
  readonly containerId: string;
  readonly config: ContainerConfig;
  readonly environment: PodEnvironment;
  readonly image: ImageRecord;
  readonly rootfs: string;
  readonly cgroupPath: string;
  /** File of the PID namespace to share, of the container that `target_id` names. */
  readonly targetPidNamespace: string | undefined;
  /** Where the image's volumes are made. */
  readonly volumes: string;
}

/** Reads what the specification depends on (image files, node, profiles) and builds it. The root file system is mounted. */
export async function makeSpec(engine: Engine, options: SpecOptions): Promise<RuntimeSpec> {
  const { config, rootfs, environment } = options;
  const security = config.linux?.securityContext;
  const image = options.image.config.config ?? {};
  const node = readNodeFacts(cgroupFacts(readHierarchies()));
  const user = resolveUser(security, image.User ?? "", {
    passwd: readInsideRoot(rootfs, "/etc/passwd"),
    group: readInsideRoot(rootfs, "/etc/group"),
  });
  const wantsRecursive = config.mounts.some((mount) => mount.recursiveReadOnly);
  const features = wantsRecursive
    ? await readFeatures(engine, environment.runtimeHandler)
    : undefined;
  const mounts = prepareBindMounts(config.mounts, {
    hasRecursiveReadOnly: features?.recursiveReadOnlyMounts ?? false,
  });
  const volumes = await prepareImageVolumes(image.Volumes ?? {}, {
    rootfs,
    directory: options.volumes,
    taken: mounts.map(({ destination }) => destination),
  });
  const seccomp = await loadSeccomp(security, {
    capabilities: resolveCapabilities(security, node.capabilities).bounding,
    defaultProfile: engine.config.seccompProfile,
  });
  return buildSpec({
    containerId: options.containerId,
    config,
    image,
    pod: toSpecPod(environment, config, options.targetPidNamespace),
    node,
    user,
    mounts: [...volumes, ...mounts],
    devices: security?.privileged ? findAllDevices() : findDevices(config.devices),
    seccomp,
    rootfs,
    cgroupPath: options.cgroupPath,
  });
}

function cgroupFacts(
  hierarchies: Hierarchies,
): Pick<NodeFacts, "cgroupMode" | "hasSwapAccounting" | "hasHugetlb"> {
  const memory = findHierarchy(hierarchies, "memory");
  const isV2 = hierarchies.mode === "v2";
  return {
    cgroupMode: hierarchies.mode,
    hasSwapAccounting:
      isV2 || existsSync(join(memory?.mountPoint ?? "", "memory.memsw.limit_in_bytes")),
    hasHugetlb: isV2 || findHierarchy(hierarchies, "hugetlb") !== undefined,
  };
}
