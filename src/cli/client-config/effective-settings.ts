import { DEFAULT_CONFIG_FILE, explainSettings } from "../../config/load-settings.ts";
import type { SettingSource } from "../../config/settings.ts";
import type { Context } from "../context.ts";

/** One option as a command gets it now. */
export interface EffectiveSetting {
  readonly key: string;
  /** Null where nothing says anything: the endpoint is detected, each call has the time it needs. */
  readonly value: string | number | boolean | null;
  readonly source: SettingSource["kind"];
  /** The flag, variable, context or file. */
  readonly from?: string;
}

/** Every option with its value and where it came from. Throws as loadSettings does. */
export async function effectiveSettings(context: Context): Promise<readonly EffectiveSetting[]> {
  const { session, env } = context;
  const settings = await explainSettings({
    flags: session.globalFlags,
    env,
    defaultFile: DEFAULT_CONFIG_FILE,
  });
  const { timeoutMs } = settings;
  const timeout = timeoutMs.value === undefined ? undefined : `${timeoutMs.value / 1000}s`;
  const chosen = {
    "runtime-endpoint": settings.runtimeEndpoint,
    "image-endpoint": settings.imageEndpoint,
    timeout: { value: timeout, source: timeoutMs.source },
    "max-retries": settings.maxRetries,
    transport: settings.transport,
    debug: settings.debug,
    color: settings.color,
    "pull-image-on-create": settings.pullImageOnCreate,
    "disable-pull-on-run": settings.disablePullOnRun,
    context: settings.context,
    config: settings.configFile,
  };
  return Object.entries(chosen).map(([key, { value = null, source }]) => ({
    key,
    value,
    source: source.kind,
    ...(source.name === undefined ? {} : { from: source.name }),
  }));
}

/** What stands for a value that nothing names. */
const UNNAMED: Readonly<Record<string, string>> = {
  "runtime-endpoint": "(detected)",
  "image-endpoint": "(the runtime's)",
  timeout: "(by kind of call)",
  transport: "(by kind of endpoint)",
};

/** The value as a table has it. */
export function formatValue({ key, value }: EffectiveSetting): string {
  return value === null ? (UNNAMED[key] ?? "(none)") : String(value);
}

/** Where it comes from, as a table has it. */
export function formatSource({ source, from = "" }: EffectiveSetting): string {
  if (source === "environment") return `$${from}`;
  return source === "context" ? `context ${from}` : from || source;
}
