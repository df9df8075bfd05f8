import {
  NamespaceMode,
  type NamespaceOption,
  type PodSandboxConfig,
  type UserNamespace,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { checkSysctls } from "./check-sysctls.ts";

/** Refuses, with InvalidArgument and the field's path, a pod that cannot be run as it is asked for. */
export function checkConfig(config: PodSandboxConfig): void {
  for (const field of ["name", "namespace", "uid"] as const) {
    if (!config.metadata?.[field]) throw refused(`metadata.${field}`, "is missing");
  }
  if (config.logDirectory !== "" && !config.logDirectory.startsWith("/")) {
    throw refused("log_directory", `must be an absolute path, not "${config.logDirectory}"`);
  }
  if (config.hostname !== "" && !/^[a-zA-Z0-9]([\w.-]{0,62}[a-zA-Z0-9])?$/.test(config.hostname)) {
    throw refused("hostname", `"${config.hostname}" is no host name of at most 64 characters`);
  }
  checkCgroupParent(config.linux?.cgroupParent ?? "");
  const options = namespaceOptions(config);
  checkNamespaces(options);
  checkPorts(config, options);
  checkSysctls(config.linux?.sysctls ?? {}, {
    hasNetwork: options.network === NamespaceMode.POD,
    hasIpc: options.ipc === NamespaceMode.POD,
  });
}

/**
 * The namespaces the pod asks for. One that says nothing at all gets its own of everything, and its
 * containers a PID namespace each.
 */
export function namespaceOptions(config: PodSandboxConfig): NamespaceOption {
  return (
    config.linux?.securityContext?.namespaceOptions ?? {
      network: NamespaceMode.POD,
      pid: NamespaceMode.CONTAINER,
      ipc: NamespaceMode.POD,
      targetId: "",
      usernsOptions: undefined,
    }
  );
}

const NAMESPACE_PATH = "linux.security_context.namespace_options";

function checkNamespaces(options: NamespaceOption): void {
  const { POD, NODE, CONTAINER } = NamespaceMode;
  const allowed: readonly [keyof NamespaceOption, readonly number[]][] = [
    ["network", [POD, NODE]],
    ["ipc", [POD, NODE]],
    ["pid", [POD, NODE, CONTAINER]],
  ];
  for (const [name, modes] of allowed) {
    if (modes.includes(options[name] as number)) continue;
    throw refused(`${NAMESPACE_PATH}.${name}`, "has a mode that a pod cannot have");
  }
  if (options.usernsOptions !== undefined) checkUserNamespace(options.usernsOptions);
}

function checkUserNamespace(user: UserNamespace): void {
  const path = `${NAMESPACE_PATH}.userns_options`;
  if (user.mode === NamespaceMode.NODE) {
    if (user.uids.length === 0 && user.gids.length === 0) return;
    throw refused(path, "maps IDs although its mode is NODE");
  }
  if (user.mode !== NamespaceMode.POD) throw refused(path, "must have the mode POD or NODE");
  for (const [name, mappings] of [["uids", user.uids] as const, ["gids", user.gids] as const]) {
    const [only] = mappings;
    if (mappings.length !== 1 || only === undefined) {
      throw refused(`${path}.${name}`, "must be exactly one mapping");
    }
    if (only.containerId !== 0 || only.length === 0) {
      throw refused(`${path}.${name}`, "must map the container's ID 0");
    }
  }
  throw new StatusError(
    "Unimplemented",
    "user namespaces are not supported by this runtime handler",
  );
}

function checkPorts(config: PodSandboxConfig, options: NamespaceOption): void {
  config.portMappings.forEach((mapping, index) => {
    const { containerPort, hostPort, hostIp, protocol } = mapping;
    const path = `port_mappings[${index}]`;
    const isPort = (port: number) => port >= 0 && port <= 65_535;
    if (!isPort(containerPort) || !isPort(hostPort)) throw refused(path, "has a port above 65535");
    if (hostPort === 0) return;
    if (containerPort === 0) throw refused(path, "has a host port but no container port");
    if (protocol < 0 || protocol > 2) throw refused(path, "has an unknown protocol");
    if (hostIp !== "" && !/^[0-9a-fA-F.:]+$/.test(hostIp)) {
      throw refused(path, `has the host address "${hostIp}"`);
    }
    // A host-network pod listens on the host itself: nothing is to be mapped, if it is the same port.
    if (options.network === NamespaceMode.NODE && hostPort !== containerPort) {
      throw refused(path, "cannot be mapped in a pod on the host's network");
    }
  });
}

function checkCgroupParent(parent: string): void {
  if (parent === "" || parent.endsWith(".slice")) return;
  if (!parent.startsWith("/") || parent.split("/").includes("..")) {
    throw refused("linux.cgroup_parent", `must be an absolute path, not "${parent}"`);
  }
}

function refused(path: string, problem: string): StatusError {
  return new StatusError("InvalidArgument", `could not run the pod: "${path}" ${problem}`);
}
