import { type ContainerConfig, NamespaceMode } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { SpecPod } from "../oci/spec-input.ts";
import type { PodEnvironment } from "./pod-environment.ts";

/** The pod as the runtime specification sees it, with the PID namespace that the container asks for. */
export function toSpecPod(
  environment: PodEnvironment,
  config: ContainerConfig,
  targetPidNamespace: string | undefined,
): SpecPod {
  const { metadata, linux } = environment.config;
  const { network, ipc, uts, user } = environment.namespaces;
  const userns = linux?.securityContext?.namespaceOptions?.usernsOptions;
  const toMappings = (mappings: IdMappings) =>
    mappings.map(({ hostId, containerId, length }) => ({
      hostID: hostId,
      containerID: containerId,
      size: length,
    }));
  return {
    sandboxId: environment.sandboxId,
    name: metadata?.name ?? "",
    namespace: metadata?.namespace ?? "",
    uid: metadata?.uid ?? "",
    hostname: environment.hostname,
    namespaces: {
      network,
      ipc,
      uts,
      user,
      pid: pidNamespace(environment, config, targetPidNamespace),
    },
    uidMappings: toMappings(userns?.uids ?? []),
    gidMappings: toMappings(userns?.gids ?? []),
    hostsFile: environment.hostsFile,
    resolvConfFile: environment.resolvConfFile,
    hostnameFile: environment.hostnameFile,
    shmDirectory: environment.shmDirectory ?? "/dev/shm",
  };
}

type IdMappings = readonly { hostId: number; containerId: number; length: number }[];

function pidNamespace(
  environment: PodEnvironment,
  config: ContainerConfig,
  target: string | undefined,
): string {
  const mode = config.linux?.securityContext?.namespaceOptions?.pid ?? NamespaceMode.POD;
  if (mode === NamespaceMode.NODE) return "node";
  if (mode === NamespaceMode.CONTAINER) return "new";
  if (mode === NamespaceMode.TARGET) {
    if (target !== undefined) return target;
    throw new StatusError(
      "InvalidArgument",
      "the pid namespace of a target has no target container",
    );
  }
  const ofPod = environment.config.linux?.securityContext?.namespaceOptions?.pid;
  if (ofPod === NamespaceMode.NODE) return "node";
  return environment.namespaces.pid ?? "new";
}
