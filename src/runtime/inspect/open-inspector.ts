import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { resolve } from "node:path";
import { readBootId } from "../../host/process-identity.ts";
import { preferredNetwork, rootName } from "../choose-network.ts";
import { completeConfig, DEFAULT_ROOT, DEFAULT_STATE } from "../complete-config.ts";
import { mountOf, mountsBelow } from "../host/mount-table.ts";
import { DEFAULT_RUNTIME_CONFIG_FILE, loadRuntimeConfig } from "../load-runtime-config.ts";
import { type RuntimePaths, runtimePaths } from "../paths.ts";
import type { RuntimeConfig } from "../runtime-config.ts";
import { inspectCgroups } from "./inspect-cgroups.ts";
import { inspectDatabase } from "./inspect-database.ts";
import { inspectNetworks } from "./inspect-networks.ts";
import type { NodeInspector, RegistryAnswer } from "./node-inspector.ts";
import { probeRegistry } from "./probe-registry.ts";

export interface InspectorOptions {
  readonly root?: string | undefined;
  readonly state?: string | undefined;
  readonly configFile?: string | undefined;
}

/** Looks at nothing yet. */
export function openInspector(options: InspectorOptions): NodeInspector {
  const root = resolve(options.root ?? DEFAULT_ROOT);
  const paths = runtimePaths(root, resolve(options.state ?? DEFAULT_STATE));
  const database = once(() => inspectDatabase(paths));
  const probes = new Map<string, Promise<readonly RegistryAnswer[]>>();
  const config = once(() => readConfig(paths, options.configFile, database));
  return {
    paths,
    configFile: options.configFile ?? DEFAULT_RUNTIME_CONFIG_FILE,
    config,
    cgroups: inspectCgroups,
    networks: async () => await inspectNetworks(await config()),
    database,
    async probeRegistry(registry, probe) {
      const { registries } = await config();
      const asked = probes.get(registry) ?? probeRegistry(registry, registries[registry], probe);
      probes.set(registry, asked);
      return await asked;
    },
    mountOf: (path) => mountOf(path),
    mountsBelow: (path) => mountsBelow(path),
    isForeignMountNamespace: () => isForeignMountNamespace(paths),
  };
}

async function readConfig(
  paths: RuntimePaths,
  file: string | undefined,
  database: NodeInspector["database"],
): Promise<RuntimeConfig> {
  const given = await loadRuntimeConfig(file);
  const kept = await database().catch(() => undefined);
  const name = rootName(paths.root, paths.root === DEFAULT_ROOT);
  const network = { ...(kept?.network ?? preferredNetwork(name)), ...given.network };
  return completeConfig(given, { root: paths.root, network });
}

/** As open-engine's holdMountNamespace has recorded it. */
function isForeignMountNamespace(paths: RuntimePaths): boolean {
  try {
    const recorded = readFileSync(`${paths.state}/mount-namespace`, "utf8").trim();
    const [bootId] = recorded.split(" ");
    const own = `${readBootId()} ${readlinkSync("/proc/self/ns/mnt")}`;
    return recorded !== own && bootId === readBootId() && readdirSync(paths.sandboxes).length > 0;
  } catch {
    return false;
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
