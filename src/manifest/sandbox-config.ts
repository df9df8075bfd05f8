import { createMessage } from "../cri/create-message.ts";
import {
  type DNSConfig,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  NamespaceMode,
  NamespaceOption,
  PodSandboxConfig,
  type PortMapping,
  Protocol,
} from "../cri/gen/runtime/v1/api.ts";
import { podSecurity } from "./container-security.ts";
import type { PodFacts } from "./downward.ts";
import { MANIFEST_ANNOTATION } from "./manifest-annotation.ts";
import type { NodeDns } from "./node-facts.ts";
import type { PodManifest, PodSpecManifest } from "./pod-shape.ts";

/** Labels that a kubelet gives, which list verbs and tools read. */
export const LABELS = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
} as const;

/** The sandbox that a kubelet would make of the pod. */
export function sandboxConfig(pod: PodFacts, logDirectory: string): PodSandboxConfig {
  const { manifest, namespace, uid } = pod;
  const { metadata, spec } = manifest;
  return createMessage(PodSandboxConfig, {
    metadata: { name: metadata.name, namespace, uid, attempt: 0 },
    hostname: hostnameOf(manifest),
    logDirectory,
    dnsConfig: dnsConfig(spec, pod.node.dns),
    portMappings: portMappings(spec),
    labels: { ...metadata.labels, ...podLabels(pod) },
    annotations: {
      ...metadata.annotations,
      "kubernetes.io/config.source": "file",
      [MANIFEST_ANNOTATION]: JSON.stringify(manifest),
    },
    linux: createMessage(LinuxPodSandboxConfig, {
      sysctls: Object.fromEntries(
        (spec.securityContext?.sysctls ?? []).map(({ name, value }) => [
          name.replaceAll("/", "."),
          value,
        ]),
      ),
      securityContext: createMessage(LinuxSandboxSecurityContext, {
        ...podSecurity(spec),
        namespaceOptions: namespaceOptions(spec),
      }),
    }),
  });
}

export function podLabels({ manifest, namespace, uid }: PodFacts): Record<string, string> {
  return {
    [LABELS.podName]: manifest.metadata.name,
    [LABELS.podNamespace]: namespace,
    [LABELS.podUid]: uid,
  };
}

export function namespaceOptions(spec: PodSpecManifest): NamespaceOption {
  const { NODE, POD, CONTAINER } = NamespaceMode;
  const ownPid = spec.shareProcessNamespace === true ? POD : CONTAINER;
  return createMessage(NamespaceOption, {
    network: spec.hostNetwork === true ? NODE : POD,
    pid: spec.hostPID === true ? NODE : ownPid,
    ipc: spec.hostIPC === true ? NODE : POD,
  });
}

const LONGEST_HOSTNAME = 63;

/** The node's own name belongs to the node's network. */
export function hostnameOf({ metadata, spec }: PodManifest): string {
  if (spec.hostNetwork === true) return "";
  const name = spec.hostnameOverride ?? spec.hostname ?? metadata.name;
  return name.slice(0, LONGEST_HOSTNAME).replace(/[-.]+$/, "");
}

/**
 * Undefined leaves the node's resolv.conf. There is no cluster, so ClusterFirst is the node's too.
 */
function dnsConfig(spec: PodSpecManifest, node: NodeDns): DNSConfig | undefined {
  const own = spec.dnsConfig;
  if (own === undefined) return undefined;
  const base = spec.dnsPolicy === "None" ? { servers: [], searches: [], options: [] } : node;
  const options = (own.options ?? []).map(({ name, value }) =>
    value === undefined || value === "" ? name : `${name}:${value}`,
  );
  const isReplaced = (option: string) =>
    options.some((mine) => mine.split(":")[0] === option.split(":")[0]);
  return {
    servers: unique([...base.servers, ...(own.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own.searches ?? [])]),
    options: [...base.options.filter((option) => !isReplaced(option)), ...options],
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Those that the node is to forward: a pod on the node's network has its ports already. */
function portMappings(spec: PodSpecManifest): PortMapping[] {
  if (spec.hostNetwork === true) return [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ containerPort, hostPort, hostIP = "", protocol = "TCP" }) => {
      if (hostPort === undefined) return [];
      return [{ containerPort, hostPort, hostIp: hostIP, protocol: Protocol[protocol] }];
    });
}
