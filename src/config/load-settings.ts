/**
 * Settings from flags, environment and crictl.yaml, in that order. This room reads one file and
 * refuses what it does not know: a key that is spelled wrong must not be passed over in silence.
 */
import { readFileSync } from "node:fs";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { type FileSettings, parseSettingsFile } from "./parse-settings-file.ts";
import type { Settings } from "./settings.ts";

export const DEFAULT_CONFIG_FILE = "/etc/crictl.yaml";
const CONNECT_TIMEOUT_MS = 2000;
const MAX_RETRIES = 3;

export interface SettingsSources {
  /** Values of the global flags; undefined where a flag was not given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read where neither flag nor environment names a file; it may be absent. */
  readonly defaultFile?: string;
}

/**
 * Throws InvalidArgument for a named file that is absent, for one that is malformed or has an
 * unknown key, and for an endpoint flag without a value: `-r "$UNSET"` must not choose by itself.
 */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const { flags, env } = sources;
  const named = text(flags.config) ?? nonEmpty(env.CRI_CONFIG_FILE);
  const path = named ?? sources.defaultFile ?? DEFAULT_CONFIG_FILE;
  const file = await loadFile(path, named !== undefined);
  const runtimeFlag = endpoint(flags, "runtime-endpoint");
  const imageFlag = endpoint(flags, "image-endpoint");
  const runtimeAbove = runtimeFlag ?? nonEmpty(env.CONTAINER_RUNTIME_ENDPOINT);
  // A runtime endpoint from the command line also stands for the images: the file's image endpoint
  // belongs to the file's runtime endpoint.
  const imageBelow = runtimeAbove === undefined ? file?.imageEndpoint : undefined;
  const timeoutMs = number(flags.timeout) ?? file?.timeoutMs;
  return Object.freeze({
    runtimeEndpoint: runtimeAbove ?? file?.runtimeEndpoint,
    imageEndpoint: imageFlag ?? nonEmpty(env.IMAGE_SERVICE_ENDPOINT) ?? imageBelow,
    timeoutMs: timeoutMs === undefined || timeoutMs <= 0 ? undefined : timeoutMs,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxRetries: number(flags["max-retries"]) ?? file?.maxRetries ?? MAX_RETRIES,
    transport: transport(flags.transport),
    debug: typeof flags.debug === "boolean" ? flags.debug : (file?.debug ?? false),
    pullImageOnCreate: file?.pullImageOnCreate ?? false,
    disablePullOnRun: file?.disablePullOnRun ?? false,
    color: color(flags.color),
    configFile: file === undefined ? undefined : path,
  });
}

async function loadFile(path: string, isNamed: boolean): Promise<FileSettings | undefined> {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && !isNamed) return undefined;
    throw new StatusError(
      "InvalidArgument",
      `cannot read configuration "${path}": ${errnoText(error)}`,
    );
  }
  return parseSettingsFile(source, path);
}

function endpoint(flags: SettingsSources["flags"], name: string): string | undefined {
  if (flags[name] === "") {
    throw new StatusError("InvalidArgument", `--${name} is empty`, {
      hint: "leave it out, and crish finds the runtime by itself",
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

function color(value: unknown): Settings["color"] {
  return value === "always" || value === "never" ? value : "auto";
}

function transport(value: unknown): Settings["transport"] {
  return value === "lean" || value === "grpc-js" ? value : undefined;
}
