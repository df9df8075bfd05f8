import { NamespaceMode, type PodSandboxConfig, Protocol } from "../../cri/gen/runtime/v1/api.ts";
import { defaultNetworkList } from "../cni/default-network-list.ts";
import { loadNetworkList } from "../cni/load-network-list.ts";
import type { Attachment } from "../cni/network-list.ts";
import type { Engine } from "../engine.ts";
import { namespaceOptions } from "./check-config.ts";
import { parseBitRate } from "./parse-bit-rate.ts";

export interface PortCapability {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIP: string;
}

/** How the pod is to be attached: the node's own network, or the default one where it has none. */
export async function planAttachment(
  engine: Engine,
  options: { id: string; config: PodSandboxConfig; namespaceFile: string },
): Promise<Attachment> {
  const { id, config, namespaceFile } = options;
  const portMappings = mappedPorts(config);
  const { network, cniConfigDir } = engine.config;
  const list =
    (await loadNetworkList(cniConfigDir)) ??
    defaultNetworkList({
      ...network,
      addressDirectory: engine.paths.addresses,
      withPortMappings: portMappings.length > 0,
    });
  const bandwidth = bandwidthCapability(config.annotations);
  const dns = config.dnsConfig;
  return {
    list,
    containerId: id,
    namespaceFile,
    interfaceName: "eth0",
    args: {
      IgnoreUnknown: "1",
      K8S_POD_NAMESPACE: config.metadata?.namespace ?? "",
      K8S_POD_NAME: config.metadata?.name ?? "",
      K8S_POD_INFRA_CONTAINER_ID: id,
      K8S_POD_UID: config.metadata?.uid ?? "",
    },
    capabilities: {
      ...(portMappings.length > 0 ? { portMappings } : {}),
      ...(bandwidth === undefined ? {} : { bandwidth }),
      ...(dns === undefined ? {} : { dns }),
    },
  };
}

/** The mappings that reach the host: without a host port there is nothing to map. */
export function mappedPorts(config: PodSandboxConfig): readonly PortCapability[] {
  if (namespaceOptions(config).network === NamespaceMode.NODE) return [];
  return config.portMappings
    .filter((mapping) => mapping.hostPort > 0)
    .map(({ hostPort, containerPort, protocol, hostIp }) => ({
      hostPort,
      containerPort,
      protocol: protocol === Protocol.UDP ? "udp" : protocol === Protocol.SCTP ? "sctp" : "tcp",
      hostIP: hostIp,
    }));
}

/** The bandwidth plugin wants bits per second, and a burst of at most 2^32 bytes in bits. */
function bandwidthCapability(
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, number>> | undefined {
  const burst = 2 ** 31 - 1;
  const ingress = annotations["kubernetes.io/ingress-bandwidth"];
  const egress = annotations["kubernetes.io/egress-bandwidth"];
  if (ingress === undefined && egress === undefined) return undefined;
  return {
    ...(ingress === undefined ? {} : { ingressRate: parseBitRate(ingress), ingressBurst: burst }),
    ...(egress === undefined ? {} : { egressRate: parseBitRate(egress), egressBurst: burst }),
  };
}
