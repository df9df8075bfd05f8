import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { GUARDED_PATHS } from "../../cri/guarded-paths.ts";
import { selectApparmorProfile } from "./apparmor.ts";
import { resolveCapabilities } from "./capabilities.ts";
import { buildEnvironment } from "./environment.ts";
import { buildMounts } from "./mounts.ts";
import { buildNamespaces } from "./namespaces.ts";
import { resolveArgs } from "./process-args.ts";
import { buildResources } from "./resources.ts";
import type { RuntimeSpec, SpecLinux, SpecProcess } from "./runtime-spec.ts";
import type { SpecInput } from "./spec-input.ts";

/**
 * The runtime specification of a container. Pure: the same input gives the same specification.
 * InvalidArgument where the configuration asks for what cannot be.
 */
export function buildSpec(input: SpecInput): RuntimeSpec {
  const { config, pod } = input;
  return {
    ociVersion: "1.0.2",
    process: buildProcess(input),
    root: {
      path: input.rootfs,
      readonly: config.linux?.securityContext?.readonlyRootfs ?? false,
    },
    mounts: buildMounts(input),
    annotations: {
      // kata and gVisor tell pods' containers apart by these; the names are containerd's.
      "io.kubernetes.cri.container-type": "container",
      "io.kubernetes.cri.sandbox-id": pod.sandboxId,
      "io.kubernetes.cri.sandbox-name": pod.name,
      "io.kubernetes.cri.sandbox-namespace": pod.namespace,
      "io.kubernetes.cri.sandbox-uid": pod.uid,
      "io.kubernetes.cri.container-name": config.metadata?.name ?? "",
      "io.kubernetes.cri.image-name": config.image?.image ?? "",
    },
    linux: buildLinux(input),
  };
}

function buildProcess(input: SpecInput): SpecProcess {
  const { config, image, node } = input;
  const security = config.linux?.securityContext;
  const oomScoreAdj = clampOomScore(config, node.oomScoreAdj, node.capabilities);
  const apparmorProfile = selectApparmorProfile(security, node.hasAppArmor);
  return {
    terminal: config.tty,
    user: input.user,
    args: resolveArgs(config, image),
    env: buildEnvironment(config, image, input.pod.hostname),
    cwd: config.workingDir || image.WorkingDir || "/",
    capabilities: resolveCapabilities(security, node.capabilities),
    noNewPrivileges: security?.noNewPrivs ?? false,
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
  };
}

function buildLinux(input: SpecInput): SpecLinux {
  const { config, pod } = input;
  const security = config.linux?.securityContext;
  const privileged = security?.privileged ?? false;
  const propagation = rootfsPropagation(input);
  return {
    namespaces: buildNamespaces(input),
    ...(pod.namespaces.user === undefined
      ? {}
      : { uidMappings: pod.uidMappings, gidMappings: pod.gidMappings }),
    cgroupsPath: input.cgroupPath,
    devices: input.devices.map(({ device }) => device),
    resources: buildResources(input),
    ...(input.seccomp === undefined || privileged ? {} : { seccomp: input.seccomp }),
    ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
    // A client that sends a security context sends its paths with it: its empty list means none.
    maskedPaths: privileged ? [] : (security?.maskedPaths ?? GUARDED_PATHS.masked),
    readonlyPaths: privileged ? [] : (security?.readonlyPaths ?? GUARDED_PATHS.readonly),
  };
}

/** A mount that propagates needs a root that lets it through. */
function rootfsPropagation(input: SpecInput): "rshared" | "rslave" | undefined {
  const options = new Set(input.mounts.flatMap((mount) => mount.options));
  if (options.has("rshared")) return "rshared";
  return options.has("rslave") ? "rslave" : undefined;
}

function clampOomScore(
  config: ContainerConfig,
  floor: number,
  capabilities: readonly string[],
): number | undefined {
  const wanted = config.linux?.resources?.oomScoreAdj;
  if (wanted === undefined) return undefined;
  const score = Math.min(1000, Math.max(-1000, Number(wanted)));
  return capabilities.includes("CAP_SYS_RESOURCE") ? score : Math.max(score, floor);
}
