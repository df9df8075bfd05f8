/**
 * The room `cni`: adds a pod's network namespace to a network through the plugins that the host has,
 * and takes it out again. It refuses to know pods: it is handed an ID, a namespace and what the
 * plugins may be told. What an ADD was done with is an `Attachment`, which the caller keeps and hands
 * back for DEL, so that a changed configuration never strands a pod.
 * Specification: Container Network Interface (CNI) 1.0, https://www.cni.dev/docs/spec/.
 */
export interface NetworkList {
  readonly name: string;
  readonly cniVersion: string;
  /** In the order of ADD. */
  readonly plugins: readonly PluginConfig[];
  /** Of the default network only: the subnet that the runtime itself masks on the way out. */
  readonly masquerade?: string;
}

/** One plugin's own configuration; only the fields that a runtime reads are named here. */
export interface PluginConfig {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [field: string]: unknown;
}

/** What ADD was told, and what came of it: all that DEL needs. Plain JSON. */
export interface Attachment {
  readonly list: NetworkList;
  /** Names the pod to the plugins: addresses, chains and rules bear it. */
  readonly containerId: string;
  /** File of the network namespace. */
  readonly namespaceFile: string;
  readonly interfaceName: string;
  /** CNI_ARGS as pairs. */
  readonly args: Readonly<Record<string, string>>;
  /** By capability (`portMappings`, `bandwidth`, `dns`): each goes to the plugins that declare it. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** The last plugin's result; undefined until every plugin has been added. */
  readonly result?: CniResult;
}

/** The parts of an ADD result that are read here; all of it goes on to the next plugin. */
export interface CniResult {
  readonly ips?: readonly { readonly address?: string }[];
  /** Only in the format of 0.2.0 and before. */
  readonly ip4?: { readonly ip?: string };
  readonly ip6?: { readonly ip?: string };
  readonly [field: string]: unknown;
}

/** The pod's addresses without their prefix lengths, IPv4 before IPv6. */
export function resultAddresses(result: CniResult | undefined): readonly string[] {
  const all = [
    ...(result?.ips?.map((ip) => ip.address) ?? []),
    result?.ip4?.ip,
    result?.ip6?.ip,
  ].flatMap((cidr) => cidr?.split("/", 1)[0] ?? []);
  return [
    ...all.filter((address) => !address.includes(":")),
    ...all.filter((address) => address.includes(":")),
  ];
}
