import { join } from "node:path";
import { randomSubnet } from "./unique.ts";

/** A CNI configuration list as nodes have them: bridge with masquerade, and portmap. */
export function bridgeNetworkList(options: {
  name: string;
  bridge: string;
  /** Gets host-local's reservations. */
  directory: string;
}): NetworkList {
  return {
    cniVersion: "1.0.0",
    name: options.name,
    plugins: [
      {
        type: "bridge",
        bridge: options.bridge,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(options.directory, "addresses"),
          ranges: [[{ subnet: randomSubnet() }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  };
}

export interface NetworkList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly ({ readonly type: string } & Record<string, unknown>)[];
}
