import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { defaultNetworkList } from "../cni/default-network-list.ts";
import { getPlugin } from "../cni/find-plugin.ts";
import { listNetworkFiles, parseNetworkList } from "../cni/load-network-list.ts";
import type { NetworkList } from "../cni/network-list.ts";
import type { RuntimeConfig } from "../runtime-config.ts";
import type { NetworkFacts, NetworkFile } from "./node-inspector.ts";

/** Every configuration of the directory, and the plugins of the one in use. */
export async function inspectNetworks(config: RuntimeConfig): Promise<NetworkFacts> {
  const { cniConfigDir, cniPluginDirs, network } = config;
  const names = listNetworkFiles(
    await readdir(cniConfigDir).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return [];
      throw new StatusError("PermissionDenied", `could not read "${cniConfigDir}"`, { cause });
    }),
  );
  const read = await Promise.all(names.map((name) => readList(join(cniConfigDir, name))));
  const fallback = defaultNetworkList({
    ...network,
    addressDirectory: "",
    withPortMappings: true,
  });
  const list = read.length === 0 ? fallback : read[0]?.list;
  const types = new Set(["loopback", ...(list === undefined ? [] : pluginTypes(list))]);
  return {
    configDir: cniConfigDir,
    files: read.map(({ facts }) => facts),
    isDefault: read.length === 0,
    bridge: network.bridge,
    subnet: network.subnet,
    pluginDirs: cniPluginDirs.map((path) => ({ path, exists: existsSync(path) })),
    plugins: [...types].map((type) => ({ type, path: findPlugin(type, cniPluginDirs) })),
    cniVersion: list?.cniVersion ?? fallback.cniVersion,
  };
}

async function readList(file: string): Promise<{ list?: NetworkList; facts: NetworkFile }> {
  try {
    const list = parseNetworkList(await readFile(file, "utf8"), file);
    return { list, facts: { file, name: list.name, plugins: pluginTypes(list) } };
  } catch (error) {
    return { facts: { file, error } };
  }
}

/** The plugins and what manages their addresses. */
function pluginTypes({ plugins }: NetworkList): string[] {
  return plugins.flatMap((plugin) => {
    const { type } = (plugin.ipam ?? {}) as { type?: unknown };
    return typeof type === "string" && type !== "" ? [plugin.type, type] : [plugin.type];
  });
}

function findPlugin(type: string, directories: readonly string[]): string | undefined {
  try {
    return getPlugin(type, directories);
  } catch {
    return undefined;
  }
}
