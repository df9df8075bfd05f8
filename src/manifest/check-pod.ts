import { below, invalid, type Place, problem } from "../cri/json/place.ts";
import { checkVolume } from "./check-volume.ts";
import type { ContainerManifest, VolumeMountManifest } from "./container-shape.ts";
import { isInside } from "./is-inside.ts";
import { parseQuantity } from "./parse-quantity.ts";
import type { PodManifest } from "./pod-shape.ts";

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Refuses, with the place in the file, a pod that an API server would refuse: what the shapes do not
 * say already. Throws InvalidArgument.
 */
export function checkPod({ spec }: PodManifest, place: Place): void {
  const here = below(place, "spec");
  if (spec.containers.length === 0) throw invalid(below(here, "containers"), "it is empty");
  if (spec.hostUsers === false) {
    throw problem(below(here, "hostUsers"), "user namespaces of pods are not supported");
  }
  if (spec.hostPID === true && spec.shareProcessNamespace === true) {
    throw problem(below(here, "hostPID"), "hostPID and shareProcessNamespace exclude each other");
  }
  if (spec.dnsPolicy === "None" && !spec.dnsConfig?.nameservers?.length) {
    throw problem(below(here, "dnsPolicy"), "dnsPolicy None wants dnsConfig.nameservers");
  }
  for (const field of ["hostname", "hostnameOverride"] as const) {
    const name = spec[field];
    if (name === undefined || LABEL.test(name)) continue;
    throw invalid(below(here, field), `"${name}" is no host name`);
  }
  checkHostAliases(spec, here);
  checkIds(spec.securityContext, below(here, "securityContext"));
  const volumes = new Set<string>();
  (spec.volumes ?? []).forEach((volume, index) => {
    const at = below(below(here, "volumes"), index);
    checkVolume(volume, at);
    if (volumes.has(volume.name)) throw invalid(below(at, "name"), `"${volume.name}" is taken`);
    volumes.add(volume.name);
  });
  checkContainers(spec, here, volumes);
}

/** Users and groups that can be; the CRI takes a number below 0 for a name, or for none. */
function checkIds(context: PodManifest["spec"]["securityContext"], at: Place): void {
  const { supplementalGroups = [] } = context ?? {};
  const check = (id: number | undefined, here: Place) => {
    if (id === undefined || (id >= 0 && id <= 2_147_483_647)) return;
    throw invalid(here, `${id} is no ID between 0 and 2147483647`);
  };
  for (const field of ["runAsUser", "runAsGroup", "fsGroup"] as const) {
    check(context?.[field], below(at, field));
  }
  supplementalGroups.forEach((id, index) => {
    check(id, below(below(at, "supplementalGroups"), index));
  });
}

function checkHostAliases(spec: PodManifest["spec"], here: Place): void {
  (spec.hostAliases ?? []).forEach(({ ip, hostnames = [] }, index) => {
    const at = below(below(here, "hostAliases"), index);
    // They become lines of a file.
    if (!/^[0-9a-fA-F.:]+$/.test(ip)) throw invalid(below(at, "ip"), `"${ip}" is no address`);
    const odd = hostnames.find((name) => !/^[-._a-zA-Z0-9]+$/.test(name));
    if (odd !== undefined) throw invalid(below(at, "hostnames"), `"${odd}" is no host name`);
  });
}

function checkContainers(spec: PodManifest["spec"], here: Place, volumes: Set<string>): void {
  const names = new Set<string>();
  for (const list of ["initContainers", "containers"] as const) {
    (spec[list] ?? []).forEach((container, index) => {
      const at = below(below(here, list), index);
      const { name } = container;
      if (!LABEL.test(name)) throw invalid(below(at, "name"), `"${name}" is no name`);
      if (names.has(name)) throw invalid(below(at, "name"), `"${name}" is taken`);
      names.add(name);
      checkContainer(container, at, volumes);
      if (list === "containers" && container.restartPolicy !== undefined) {
        const hint = "it belongs to the pod's spec, or to an init container";
        throw invalid(below(at, "restartPolicy"), "a container has none of its own", hint);
      }
      if (list === "initContainers" && container.restartPolicy !== undefined) {
        if (container.restartPolicy !== "Always") {
          throw invalid(below(at, "restartPolicy"), "an init container can have Always only");
        }
      }
      if (spec.hostNetwork === true) checkHostPorts(container, at);
    });
  }
}

function checkContainer(container: ContainerManifest, at: Place, volumes: Set<string>): void {
  if (container.image === "") throw invalid(below(at, "image"), "it is empty");
  const { workingDir = "" } = container;
  if (workingDir !== "" && !workingDir.startsWith("/")) {
    throw invalid(below(at, "workingDir"), `"${workingDir}" is no absolute path`);
  }
  (container.ports ?? []).forEach((port, index) => {
    const here = below(below(at, "ports"), index);
    for (const field of ["containerPort", "hostPort"] as const) {
      const number = port[field];
      if (number === undefined || (number >= 1 && number <= 65_535)) continue;
      throw invalid(below(here, field), `${number} is no port`);
    }
    if (port.hostIP !== undefined && !/^[0-9a-fA-F.:]*$/.test(port.hostIP)) {
      throw invalid(below(here, "hostIP"), `"${port.hostIP}" is no address`);
    }
  });
  (container.env ?? []).forEach((variable, index) => {
    const here = below(below(at, "env"), index);
    if (variable.name === "" || /[=\0]/.test(variable.name)) {
      throw invalid(below(here, "name"), `"${variable.name}" is no name of a variable`);
    }
    if (variable.valueFrom === undefined) return;
    if (variable.value) throw invalid(here, "it has both value and valueFrom");
    const sources = Object.keys(variable.valueFrom).length;
    if (sources !== 1) throw invalid(below(here, "valueFrom"), "it wants exactly one source");
  });
  (container.envFrom ?? []).forEach((source, index) => {
    const here = below(below(at, "envFrom"), index);
    if ((source.configMapRef === undefined) === (source.secretRef === undefined)) {
      throw invalid(here, "it wants one of configMapRef and secretRef");
    }
  });
  checkResources(container, at);
  checkIds(container.securityContext, below(at, "securityContext"));
  checkSecurity(container, at);
  checkPostStart(container, at);
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach((mount, index) => {
    const here = below(below(at, "volumeMounts"), index);
    checkMount(mount, here, volumes);
    if (paths.has(mount.mountPath)) throw invalid(below(here, "mountPath"), "it is mounted twice");
    paths.add(mount.mountPath);
    const isPrivileged = container.securityContext?.privileged === true;
    if (mount.mountPropagation === "Bidirectional" && !isPrivileged) {
      throw invalid(below(here, "mountPropagation"), "Bidirectional wants a privileged container");
    }
  });
}

/** On the node's network a port is the node's. */
function checkHostPorts({ ports = [] }: ContainerManifest, at: Place): void {
  ports.forEach(({ containerPort, hostPort = containerPort }, index) => {
    if (hostPort === containerPort) return;
    const here = below(below(below(at, "ports"), index), "hostPort");
    throw invalid(here, `it must be ${containerPort}, as the pod is on the node's network`);
  });
}

function checkMount(mount: VolumeMountManifest, here: Place, volumes: Set<string>): void {
  if (!volumes.has(mount.name)) {
    const known = [...volumes].join(", ");
    const hint = known === "" ? "the pod has no volumes" : `the pod has ${known}`;
    throw invalid(below(here, "name"), `there is no volume "${mount.name}"`, hint);
  }
  if (!mount.mountPath.startsWith("/") || mount.mountPath.includes(":")) {
    throw invalid(below(here, "mountPath"), `"${mount.mountPath}" is no absolute path without ":"`);
  }
  if (mount.subPath && mount.subPathExpr)
    throw invalid(here, "it has both subPath and subPathExpr");
  for (const field of ["subPath", "subPathExpr"] as const) {
    const path = mount[field];
    if (path === undefined || isInside(path)) continue;
    throw invalid(below(here, field), `"${path}" leads out of the volume`);
  }
  if (mount.recursiveReadOnly === undefined || mount.recursiveReadOnly === "Disabled") return;
  const isPrivate = (mount.mountPropagation ?? "None") === "None";
  if (mount.readOnly === true && isPrivate) return;
  const why = "it wants readOnly: true and no mountPropagation";
  throw invalid(below(here, "recursiveReadOnly"), why);
}

function checkResources({ resources = {} }: ContainerManifest, at: Place): void {
  for (const list of ["requests", "limits"] as const) {
    for (const [name, quantity] of Object.entries(resources[list] ?? {})) {
      const here = below(below(below(at, "resources"), list), name);
      if (amount(quantity, here) < 0n) throw invalid(here, `"${quantity}" is negative`);
      if (amount(quantity, here) > mostOf(name)) throw invalid(here, `"${quantity}" is too large`);
      const limit = resources.limits?.[name];
      if (list === "limits" || limit === undefined) continue;
      if (parseQuantity(quantity) <= amount(limit, here)) continue;
      throw invalid(here, `the request "${quantity}" is above the limit "${limit}"`);
    }
  }
}

/** In billionths, what still fits into the CRI's numbers: of CPUs it counts 100,000 parts. */
function mostOf(name: string): bigint {
  const most = (2n ** 63n - 1n) * 1_000_000_000n;
  return name === "cpu" ? most / 100_000n : most;
}

function amount(quantity: string, here: Place): bigint {
  try {
    return parseQuantity(quantity);
  } catch (error) {
    throw invalid(here, (error as Error).message);
  }
}

function checkSecurity({ securityContext = {} }: ContainerManifest, at: Place): void {
  const here = below(at, "securityContext");
  const { privileged, allowPrivilegeEscalation, capabilities } = securityContext;
  if (allowPrivilegeEscalation !== false) return;
  const isAdmin = capabilities?.add?.some((name) => /^(?:CAP_)?SYS_ADMIN$/.test(name)) === true;
  if (privileged !== true && !isAdmin) return;
  const why = `it cannot be false in a ${privileged ? "privileged container" : "container with SYS_ADMIN"}`;
  throw invalid(below(here, "allowPrivilegeEscalation"), why);
}

function checkPostStart({ lifecycle }: ContainerManifest, at: Place): void {
  const hook = lifecycle?.postStart;
  if (hook?.exec === undefined || (hook.exec.command?.length ?? 0) > 0) return;
  throw invalid(below(below(below(at, "lifecycle"), "postStart"), "exec"), "it has no command");
}
