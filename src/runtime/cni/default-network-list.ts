import type { NetworkList } from "./network-list.ts";

export interface DefaultNetworkOptions {
  readonly name: string;
  readonly bridge: string;
  /** `10.201.0.0/16`. */
  readonly subnet: string;
  /** Of host-local: its default place would be shared with other runtimes and other roots. */
  readonly addressDirectory: string;
  /** portmap runs only for a pod that maps a port: without one it only costs time. */
  readonly withPortMappings: boolean;
}

/**
 * The network of a host that has none configured: a bridge with addresses out of one subnet, masked
 * on their way out by one rule of the runtime's.
 */
export function defaultNetworkList(options: DefaultNetworkOptions): NetworkList {
  const bridge = {
    type: "bridge",
    bridge: options.bridge,
    isGateway: true,
    hairpinMode: true,
    ipam: {
      type: "host-local",
      dataDir: options.addressDirectory,
      ranges: [[{ subnet: options.subnet }]],
      routes: [{ dst: "0.0.0.0/0" }],
    },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true }, snat: true };
  return {
    name: options.name,
    cniVersion: "1.0.0",
    plugins: options.withPortMappings ? [bridge, portmap] : [bridge],
    masquerade: options.subnet,
  };
}
