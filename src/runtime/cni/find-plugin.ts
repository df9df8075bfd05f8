import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { findExecutable } from "../../host/find-executable.ts";
import type { NetworkList } from "./network-list.ts";

/** What the package containernetworking-plugins holds. */
const STANDARD_PLUGINS = [
  ...["bandwidth", "bridge", "dhcp", "firewall", "host-device", "host-local", "ipvlan", "loopback"],
  ...["macvlan", "portmap", "ptp", "sbr", "static", "tuning", "vlan", "vrf"],
];

/** The path of a plugin; FailedPrecondition where no directory has it. */
export function getPlugin(type: string, pluginDirs: readonly string[]): string {
  for (const directory of type.includes("/") ? [] : pluginDirs) {
    const found = findExecutable(join(directory, type));
    if (found !== undefined) return found;
  }
  const places = pluginDirs.map((directory) => `"${directory}"`).join(", ");
  throw new StatusError("FailedPrecondition", `no CNI plugin "${type}" in ${places}`, {
    hint: STANDARD_PLUGINS.includes(type)
      ? "install it: apt-get install containernetworking-plugins (Debian's package)"
      : "install it there, or name its directory as cniPluginDirs in the runtime's configuration",
  });
}

/** The error of the first plugin of the list, or of its address management, that is not installed. */
export function findMissingPlugin(
  list: NetworkList,
  pluginDirs: readonly string[],
): StatusError | undefined {
  const types = list.plugins.flatMap((plugin) => {
    const { type } = (plugin.ipam ?? {}) as { type?: unknown };
    return typeof type === "string" && type !== "" ? [plugin.type, type] : [plugin.type];
  });
  for (const type of types) {
    try {
      getPlugin(type, pluginDirs);
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
  }
  return undefined;
}
