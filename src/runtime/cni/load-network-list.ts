import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import type { NetworkList, PluginConfig } from "./network-list.ts";

const ENDINGS = [".conflist", ".conf", ".json"];
const DEFAULT_VERSION = "0.2.0";

/**
 * The network of the directory: its first file by name, as every runtime chooses. Undefined where it
 * has none or does not exist. FailedPrecondition, with the file, for one that is malformed: running
 * pods on another network than the node's would be worse than not running them.
 */
export async function loadNetworkList(directory: string): Promise<NetworkList | undefined> {
  const names = await readdir(directory).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw new StatusError("FailedPrecondition", `could not read "${directory}"`, { cause });
  });
  const first = listNetworkFiles(names)[0];
  if (first === undefined) return undefined;
  const file = join(directory, first);
  return parseNetworkList(await readFile(file, "utf8"), file);
}

/** Those of a directory's files that hold networks, in the order of choice. */
export function listNetworkFiles(names: readonly string[]): string[] {
  return names.filter((name) => ENDINGS.some((ending) => name.endsWith(ending))).sort();
}

/** A configuration list, or a single plugin's configuration as a list of one. */
export function parseNetworkList(text: string, file: string): NetworkList {
  const value = parseObject(text, file);
  const name = value.name;
  if (typeof name !== "string" || !/^[a-zA-Z0-9][\w.-]*$/.test(name)) {
    throw refused(file, "it has no valid name");
  }
  const { plugins } = value;
  const cniVersion = value.cniVersion ?? DEFAULT_VERSION;
  if (typeof cniVersion !== "string") throw refused(file, '"cniVersion" must be a string');
  if (plugins === undefined) return { name, cniVersion, plugins: [toPlugin(value, file)] };
  if (!Array.isArray(plugins) || plugins.length === 0) {
    throw refused(file, '"plugins" must be a list of at least one plugin');
  }
  return { name, cniVersion, plugins: plugins.map((plugin) => toPlugin(plugin, file)) };
}

function toPlugin(value: unknown, file: string): PluginConfig {
  if (isObject(value) && typeof value.type === "string" && value.type !== "") {
    return value as PluginConfig;
  }
  throw refused(file, 'every plugin needs a "type"');
}

function parseObject(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refused(file, "it is not JSON", cause);
  }
  if (!isObject(value)) throw refused(file, "it is not a JSON object");
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(file: string, reason: string, cause?: unknown): StatusError {
  return new StatusError(
    "FailedPrecondition",
    `could not use the CNI configuration "${file}": ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
