import { StatusError } from "../errors/status-error.ts";
import { requestsOf } from "./container-resources.ts";
import type { ContainerManifest, FieldRef, ResourceFieldRef } from "./container-shape.ts";
import type { NodeFacts } from "./node-facts.ts";
import { ceilDivide, parseQuantity } from "./parse-quantity.ts";
import type { PodManifest } from "./pod-shape.ts";

/** A pod that is being made: its manifest and what became of it so far. */
export interface PodFacts {
  readonly manifest: PodManifest;
  readonly namespace: string;
  readonly uid: string;
  /** Known once the sandbox runs; empty before. */
  readonly podIps: readonly string[];
  readonly node: NodeFacts;
}

/** The value of a field of the pod. Throws InvalidArgument for one that cannot be referred to. */
export function fieldValue(ref: FieldRef, pod: PodFacts): string {
  const { metadata, spec } = pod.manifest;
  const path = ref.fieldPath;
  const keyed = /^metadata\.(labels|annotations)(?:\['(.+)'\])?$/.exec(path);
  if (keyed !== null) {
    const values = (keyed[1] === "labels" ? metadata.labels : metadata.annotations) ?? {};
    return keyed[2] === undefined ? formatMap(values) : (values[keyed[2]] ?? "");
  }
  switch (path) {
    case "metadata.name":
      return metadata.name;
    case "metadata.namespace":
      return pod.namespace;
    case "metadata.uid":
      return pod.uid;
    case "spec.nodeName":
      return pod.node.nodeName;
    case "spec.serviceAccountName":
      return spec.serviceAccountName ?? "default";
    case "status.hostIP":
    case "status.hostIPs":
      return pod.node.hostIp;
    case "status.podIP":
      return podIps(pod)[0] ?? "";
    case "status.podIPs":
      return podIps(pod).join(",");
    default:
      throw new StatusError("InvalidArgument", `fieldPath "${path}" cannot be referred to`, {
        hint: "there is metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP and status.podIP",
      });
  }
}

function podIps({ manifest, podIps: ips, node }: PodFacts): readonly string[] {
  return manifest.spec.hostNetwork === true ? [node.hostIp] : ips;
}

/** A map as files of the downward API have it: a line for each key, in order. */
function formatMap(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

/** A request or limit in units of the divisor, rounded up; without a limit what the node has. */
export function resourceValue(
  ref: ResourceFieldRef,
  container: ContainerManifest | undefined,
  pod: PodFacts,
): string {
  const named = ref.containerName || undefined;
  const { containers, initContainers = [] } = pod.manifest.spec;
  const found =
    named === undefined
      ? container
      : [...containers, ...initContainers].find(({ name }) => name === named);
  if (found === undefined) {
    const why = named === undefined ? "names no container" : `names the container "${named}"`;
    throw new StatusError("InvalidArgument", `resourceFieldRef ${why}, which is not there`);
  }
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-\w+)$/.exec(
    ref.resource,
  );
  const resource = match?.[2];
  if (resource === undefined) {
    throw new StatusError("InvalidArgument", `resource "${ref.resource}" cannot be referred to`, {
      hint: "there is limits.cpu, limits.memory, requests.cpu and requests.memory",
    });
  }
  const { limits = {} } = found.resources ?? {};
  const quantity =
    match?.[1] === "requests"
      ? (requestsOf(found.resources)[resource] ?? "0")
      : (limits[resource] ?? capacityOf(resource, pod.node));
  const divisor = parseQuantity(ref.divisor && ref.divisor !== "0" ? ref.divisor : "1");
  if (divisor <= 0n) throw new StatusError("InvalidArgument", "a divisor must be above 0");
  return String(ceilDivide(parseQuantity(quantity), divisor));
}

function capacityOf(resource: string, { memoryBytes, cpus }: NodeFacts): string {
  if (resource === "memory") return String(memoryBytes);
  return resource === "cpu" ? String(cpus) : "0";
}
