import { DEFAULT_CONFIG_FILE, loadSettings } from "../../config/load-settings.ts";
import type { CriBackend } from "../../cri/backend.ts";
import type { EarlySocket } from "../../host/connect-early.ts";
import type { FlagValue } from "../command.ts";
import { backendLists } from "./backend-lists.ts";
import type { ObjectLists } from "./object-lists.ts";

export interface SettingsListsOptions {
  /** Values of global flags on the line so far. */
  readonly flags: Readonly<Record<string, FlagValue | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For each call, and for connecting. */
  readonly timeoutMs: number;
}

/**
 * The lists of the runtime that a command with these settings would use, looked up at the first
 * question. The embedded runtime is looked at and not opened: nothing is created or recovered.
 */
export function settingsLists(options: SettingsListsOptions): ObjectLists {
  let chosen: Promise<ObjectLists> | undefined;
  const lists = () => {
    chosen ??= chooseLists(options);
    return chosen;
  };
  return {
    containers: async () => await (await lists()).containers(),
    pods: async () => await (await lists()).pods(),
    images: async () => await (await lists()).images(),
    handlers: async () => await (await lists()).handlers(),
    processOf: async (id) => await (await lists()).processOf(id),
    listDirectory: async (id, path) => await (await lists()).listDirectory(id, path),
  };
}

async function chooseLists({ flags, env, timeoutMs }: SettingsListsOptions): Promise<ObjectLists> {
  const settings = await loadSettings({ flags, env, defaultFile: DEFAULT_CONFIG_FILE });
  const signal = AbortSignal.timeout(timeoutMs);
  const open = async (runtimeEndpoint: string, early?: EarlySocket): Promise<CriBackend> => {
    const { openRemote } = await import("../../cri/remote-backend.ts");
    const { imageEndpoint } = settings;
    const limits = { timeoutMs, connectTimeoutMs: timeoutMs, maxRetries: 0 };
    return await openRemote({ runtimeEndpoint, imageEndpoint, early, ...limits });
  };
  const endpoint = settings.runtimeEndpoint;
  if (endpoint?.startsWith("embedded:")) return await embeddedLists(env);
  if (endpoint !== undefined) {
    const backend = await open(endpoint);
    return backendLists(async () => backend, { timeoutMs, signal });
  }
  const { detectEndpoint } = await import("../detect-endpoint.ts");
  const found = await detectEndpoint({ connectTimeoutMs: timeoutMs, signal, open, debug() {} });
  if (found === undefined) return await embeddedLists(env);
  return backendLists(async () => found, { timeoutMs, signal });
}

async function embeddedLists(env: SettingsListsOptions["env"]): Promise<ObjectLists> {
  const { embeddedPlaces } = await import("../embedded-places.ts");
  const { peekEmbedded } = await import("../../runtime/index.ts");
  return { ...(await peekEmbedded(embeddedPlaces(env))), listDirectory: async () => undefined };
}
