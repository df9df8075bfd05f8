import { rootName } from "./choose-network.ts";
import { completeHandlers } from "./complete-handlers.ts";
import type { RuntimeConfigFile } from "./load-runtime-config.ts";
import type { RuntimeConfig } from "./runtime-config.ts";

export const DEFAULT_ROOT = "/var/lib/crish";
export const DEFAULT_STATE = "/run/crish";

/** What the configuration file says, over the defaults of a root. */
export function completeConfig(
  file: RuntimeConfigFile,
  facts: { root: string; network: RuntimeConfig["network"] },
): RuntimeConfig {
  return {
    conmon: "conmon",
    cniPluginDirs: ["/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"],
    cniConfigDir: "/etc/cni/net.d",
    cgroupDriver: "cgroupfs",
    registries: {},
    maxParallelLayers: 4,
    seccompProfile: undefined,
    ...file,
    handlers: completeHandlers(file.handlers),
    network: facts.network,
    // Only who makes cgroups asks: its hash is not for every start.
    get cgroupParent() {
      return file.cgroupParent ?? `/${rootName(facts.root, facts.root === DEFAULT_ROOT)}`;
    },
  };
}
