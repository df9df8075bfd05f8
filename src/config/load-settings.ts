/**
 * Settings from flags, environment and crictl.yaml, in that order. This room reads one file and
 * refuses what it does not know: a key that is spelled wrong must not be passed over in silence.
 */
import { readFile } from "node:fs/promises";
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
 * Throws NotFound for a named file that is absent, InvalidArgument for one that is malformed or has
 * an unknown key.
 */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const { flags, env } = sources;
  const named = text(flags.config) ?? nonEmpty(env.CRI_CONFIG_FILE);
  const path = named ?? sources.defaultFile ?? DEFAULT_CONFIG_FILE;
  const file = await loadFile(path, named !== undefined);
  const runtimeFlag = text(flags["runtime-endpoint"]);
  const imageFlag = text(flags["image-endpoint"]);
  const runtime = splitEndpoint(
    runtimeFlag ?? nonEmpty(env.CONTAINER_RUNTIME_ENDPOINT) ?? file?.runtimeEndpoint,
  );
  // A runtime endpoint from the command line also stands for the images: the file's image endpoint
  // belongs to the file's runtime endpoint.
  const imageBelow = runtimeFlag ?? nonEmpty(env.CONTAINER_RUNTIME_ENDPOINT);
  const image = splitEndpoint(
    imageFlag ??
      nonEmpty(env.IMAGE_SERVICE_ENDPOINT) ??
      (imageBelow === undefined ? file?.imageEndpoint : undefined),
  );
  const timeoutMs = number(flags.timeout) ?? file?.timeoutMs;
  return Object.freeze({
    runtimeEndpoint: runtime.endpoint,
    imageEndpoint: image.endpoint,
    timeoutMs: timeoutMs === undefined || timeoutMs <= 0 ? undefined : timeoutMs,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxRetries: number(flags["max-retries"]) ?? file?.maxRetries ?? MAX_RETRIES,
    debug: typeof flags.debug === "boolean" ? flags.debug : (file?.debug ?? false),
    pullImageOnCreate: file?.pullImageOnCreate ?? false,
    disablePullOnRun: file?.disablePullOnRun ?? false,
    color: color(flags.color),
    apiVersion: runtime.apiVersion ?? image.apiVersion,
    configFile: file === undefined ? undefined : path,
  });
}

async function loadFile(path: string, isNamed: boolean): Promise<FileSettings | undefined> {
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" && !isNamed) return undefined;
    throw new StatusError(
      code === "ENOENT" ? "NotFound" : code === "EACCES" ? "PermissionDenied" : "InvalidArgument",
      code === "ENOENT"
        ? `configuration file "${path}" does not exist`
        : `cannot read configuration file "${path}"`,
      code === "ENOENT" ? {} : { cause: error },
    );
  }
  return parseSettingsFile(source, path);
}

/** An endpoint may carry the option `?api=v1alpha2`: the CRI package to speak, without asking. */
function splitEndpoint(endpoint: string | undefined): {
  endpoint: string | undefined;
  apiVersion: "v1" | "v1alpha2" | undefined;
} {
  const mark = endpoint?.indexOf("?") ?? -1;
  if (endpoint === undefined || mark === -1) return { endpoint, apiVersion: undefined };
  const options = new URLSearchParams(endpoint.slice(mark + 1));
  for (const name of options.keys()) {
    if (name !== "api") {
      throw new StatusError(
        "InvalidArgument",
        `unknown option "${name}" of endpoint "${endpoint}"`,
      );
    }
  }
  const api = options.get("api");
  if (api !== "v1" && api !== "v1alpha2") {
    throw new StatusError("InvalidArgument", `the api of "${endpoint}" is not v1 or v1alpha2`);
  }
  return { endpoint: endpoint.slice(0, mark), apiVersion: api };
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
