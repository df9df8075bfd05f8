/**
 * Settings from flags, environment, context and crictl.yaml, in that order. This room reads files and
 * refuses what it does not know: a key that is spelled wrong must not be passed over in silence.
 */
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { readText } from "../host/read-text.ts";
import { findContext } from "./find-context.ts";
import { type FileSettings, parseSettingsFile } from "./parse-settings-file.ts";
import { SETTING_KEYS } from "./setting-keys.ts";
import type { ExplainedSettings, SettingSource, Settings } from "./settings.ts";

export const DEFAULT_CONFIG_FILE = "/etc/crictl.yaml";
const CONNECT_TIMEOUT_MS = 2000;

export interface SettingsSources {
  /** Values of the global flags; undefined where a flag was not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read where neither flag nor environment names a file; it may be absent. */
  readonly defaultFile?: string;
}

/**
 * Throws InvalidArgument for a named file or context that is absent, for a file that is malformed or
 * has an unknown key, and for an endpoint flag without a value: `-r "$UNSET"` must not choose by
 * itself.
 */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const settings: Record<string, unknown> = {};
  for (const [name, { value }] of Object.entries(await explainSettings(sources))) {
    settings[name] = value;
  }
  return Object.freeze(settings) as unknown as Settings;
}

/** Like loadSettings, with where each setting came from. */
export async function explainSettings(sources: SettingsSources): Promise<ExplainedSettings> {
  const { flags, env } = sources;
  const { path, isNamed } = settingsFile(sources);
  const file = await loadFile(path, isNamed);
  const runtimeFlag = named(flags, "runtime-endpoint");
  const contextFlag = named(flags, "context");
  // A context that the line itself names goes before variables, which hold for many lines.
  const variables = contextFlag === undefined ? env : {};
  const runtimeVariable = nonEmpty(variables.CONTAINER_RUNTIME_ENDPOINT);
  const runtimeAbove = runtimeFlag ?? runtimeVariable;
  const context = runtimeAbove === undefined ? await findContext(contextFlag, env) : undefined;
  // An image endpoint belongs to the runtime endpoint beside it: one from above stands for both.
  const isFromFile = runtimeAbove === undefined && context === undefined;
  const inFile: SettingSource = { kind: "file", name: path };
  const inContext: SettingSource = { kind: "context", name: context?.name ?? "" };
  const timeout = file?.timeout === undefined ? undefined : file.timeout * 1000;
  return {
    runtimeEndpoint: first(
      [runtimeFlag, inFlag("runtime-endpoint")],
      [runtimeVariable, inVariable("CONTAINER_RUNTIME_ENDPOINT")],
      [context?.runtimeEndpoint, inContext],
      [file?.["runtime-endpoint"], inFile],
    ),
    imageEndpoint: first(
      [named(flags, "image-endpoint"), inFlag("image-endpoint")],
      [nonEmpty(variables.IMAGE_SERVICE_ENDPOINT), inVariable("IMAGE_SERVICE_ENDPOINT")],
      [context?.imageEndpoint, inContext],
      [isFromFile ? file?.["image-endpoint"] : undefined, inFile],
    ),
    timeoutMs: positive(
      first(
        [number(flags.timeout), inFlag("timeout")],
        [context?.timeoutMs, inContext],
        [timeout, inFile],
      ),
    ),
    connectTimeoutMs: firstOr(CONNECT_TIMEOUT_MS),
    maxRetries: firstOr(
      SETTING_KEYS["max-retries"].standard,
      [number(flags["max-retries"]), inFlag("max-retries")],
      [file?.["max-retries"], inFile],
    ),
    transport: first([transport(flags.transport), inFlag("transport")]),
    debug: firstOr(
      false,
      [typeof flags.debug === "boolean" ? flags.debug : undefined, inFlag("debug")],
      [file?.debug, inFile],
    ),
    pullImageOnCreate: firstOr(false, [file?.["pull-image-on-create"], inFile]),
    disablePullOnRun: firstOr(false, [file?.["disable-pull-on-run"], inFile]),
    color: firstOr<Settings["color"]>("auto", [color(flags.color), inFlag("color")]),
    tracing: first([tracing(flags), inFlag("enable-tracing")]),
    context: first([context?.name, context?.source ?? DEFAULT]),
    configFile: first([file === undefined ? undefined : path, configSource(sources, isNamed)]),
  };
}

/** The client's file, whether it is there or not. One that is named by the user must be. */
export function settingsFile({ flags, env, defaultFile }: SettingsSources): {
  readonly path: string;
  readonly isNamed: boolean;
} {
  const path = text(flags.config) ?? nonEmpty(env.CRI_CONFIG_FILE);
  return { path: path ?? defaultFile ?? DEFAULT_CONFIG_FILE, isNamed: path !== undefined };
}

interface Chosen<T> {
  readonly value: T;
  readonly source: SettingSource;
}

type Candidate<T> = readonly [T | undefined, SettingSource];

const DEFAULT: SettingSource = { kind: "default" };

/** The first that is there, and where it is from. */
function first<T>(...candidates: readonly Candidate<T>[]): Chosen<T | undefined> {
  for (const [value, source] of candidates) if (value !== undefined) return { value, source };
  return { value: undefined, source: DEFAULT };
}

function firstOr<T>(fallback: T, ...candidates: readonly Candidate<T>[]): Chosen<T> {
  const { value = fallback, source } = first(...candidates);
  return { value, source };
}

/** Below 0 and at 0 it means what its absence means. */
function positive(chosen: Chosen<number | undefined>): Chosen<number | undefined> {
  const { value = 0 } = chosen;
  return value > 0 ? chosen : { value: undefined, source: chosen.source };
}

function configSource({ flags }: SettingsSources, isNamed: boolean): SettingSource {
  if (!isNamed) return DEFAULT;
  return text(flags.config) === undefined ? inVariable("CRI_CONFIG_FILE") : inFlag("config");
}

function inFlag(name: string): SettingSource {
  return { kind: "flag", name: `--${name}` };
}

function inVariable(name: string): SettingSource {
  return { kind: "environment", name };
}

async function loadFile(path: string, isNamed: boolean): Promise<FileSettings | undefined> {
  let source: string;
  try {
    source = readText(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && !isNamed) return undefined;
    throw new StatusError(
      "InvalidArgument",
      `cannot read configuration "${path}": ${errnoText(error)}`,
    );
  }
  return await parseSettingsFile(source, path);
}

const HINT_OF_EMPTY: Readonly<Record<string, string>> = {
  "tracing-endpoint": "leave it out for 127.0.0.1:4317",
  context: "crish context lists those that there are",
};

function named(flags: SettingsSources["flags"], name: string): string | undefined {
  if (flags[name] === "") {
    throw new StatusError("InvalidArgument", `--${name} is empty`, {
      hint: HINT_OF_EMPTY[name] ?? "leave it out, and crish finds the runtime by itself",
    });
  }
  return text(flags[name]);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function color(value: unknown): Settings["color"] | undefined {
  return value === "always" || value === "never" ? value : undefined;
}

const TRACING_ENDPOINT = "127.0.0.1:4317";

function tracing(flags: SettingsSources["flags"]): Settings["tracing"] {
  if (flags["enable-tracing"] !== true) return undefined;
  const samplesPerMillion = number(flags["tracing-sampling-rate-per-million"]) ?? -1;
  return { endpoint: named(flags, "tracing-endpoint") ?? TRACING_ENDPOINT, samplesPerMillion };
}

function transport(value: unknown): Settings["transport"] {
  return value === "lean" || value === "grpc-js" ? value : undefined;
}
