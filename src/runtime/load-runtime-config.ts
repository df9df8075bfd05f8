import { existsSync, readFileSync } from "node:fs";
import { errnoText } from "../errors/errno-text.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { StatusError } from "../errors/status-error.ts";
import type { RegistryConfig } from "../registry/registry-config.ts";
import type { HandlerConfig, RuntimeConfig } from "./runtime-config.ts";

export const DEFAULT_RUNTIME_CONFIG_FILE = "/etc/crish/runtime.yaml";

/** What the file says; what it leaves out is undefined. */
export type RuntimeConfigFile = {
  readonly [Key in Exclude<keyof RuntimeConfig, "network">]?: RuntimeConfig[Key];
} & { readonly network?: Partial<RuntimeConfig["network"]> };

/**
 * Reads the runtime's configuration file. Without one of that name: nothing where the default is
 * meant, InvalidArgument where a file was named; the same with file, line and column for malformed
 * YAML, and with the field's path for an unknown field or a value of the wrong type.
 */
export async function loadRuntimeConfig(file: string | undefined): Promise<RuntimeConfigFile> {
  const path = file ?? DEFAULT_RUNTIME_CONFIG_FILE;
  if (file === undefined && !existsSync(path)) return {};
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const message = `cannot read configuration "${path}": ${errnoText(error)}`;
    throw new StatusError("InvalidArgument", message);
  }
  return parseRuntimeConfig(text, path);
}

export async function parseRuntimeConfig(text: string, path: string): Promise<RuntimeConfigFile> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0]);
    const reason = broken.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "";
    throw new StatusError("InvalidArgument", `${path}:${line}:${col}: ${reason}`);
  }
  const value: unknown = document.toJS();
  if (value === null || value === undefined) return {};
  return record(FIELDS)(value, { file: path, path: "" }) as RuntimeConfigFile;
}

/** Where a value stands, for the error message. */
interface Place {
  readonly file: string;
  readonly path: string;
}

type Parse = (value: unknown, place: Place) => unknown;

const HANDLER = record(
  { path: text, type: oneOf("runc") },
  (fields) => ({ type: "runc", path: "runc", ...fields }) satisfies HandlerConfig,
);

const REGISTRY = record(
  { mirrors: list(text), insecure: flag, caFile: text },
  (fields) =>
    ({ mirrors: [], insecure: false, caFile: undefined, ...fields }) satisfies RegistryConfig,
);

const FIELDS: Readonly<Record<keyof RuntimeConfig, Parse>> = {
  handlers: map(HANDLER),
  conmon: text,
  cniPluginDirs: list(text),
  cniConfigDir: text,
  network: record({ name: text, bridge: text, subnet: text }),
  cgroupParent: text,
  cgroupDriver: oneOf("cgroupfs"),
  registries: map(REGISTRY),
  maxParallelLayers: count,
  seccompProfile: text,
};

function record(
  fields: Readonly<Record<string, Parse>>,
  complete: (fields: object) => object = (given) => given,
): Parse {
  return (value, place) => {
    const parsed: Record<string, unknown> = {};
    for (const [name, item] of entries(value, place)) {
      const parse = fields[name];
      const inner = below(place, name);
      if (parse === undefined) throw unknownField(name, inner, Object.keys(fields));
      if (item !== null) parsed[name] = parse(item, inner);
    }
    return complete(parsed);
  };
}

function map(parse: Parse): Parse {
  return (value, place) =>
    Object.fromEntries(
      entries(value, place).map(([name, item]) => [name, parse(item, below(place, name))]),
    );
}

function list(parse: Parse): Parse {
  return (value, place) => {
    if (!Array.isArray(value)) throw wrongType(place, "a list");
    return value.map((item, index) => parse(item, { ...place, path: `${place.path}[${index}]` }));
  };
}

function oneOf(...names: readonly string[]): Parse {
  return (value, place) => {
    if (typeof value === "string" && names.includes(value)) return value;
    throw wrongType(place, names.map((name) => `"${name}"`).join(" or "));
  };
}

function text(value: unknown, place: Place): string {
  if (typeof value === "string" && value !== "") return value;
  throw wrongType(place, "a string");
}

function flag(value: unknown, place: Place): boolean {
  if (typeof value === "boolean") return value;
  throw wrongType(place, "true or false");
}

function count(value: unknown, place: Place): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw wrongType(place, "a whole number above 0");
}

function entries(value: unknown, place: Place): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw wrongType(place, "a mapping of names to values");
}

function below(place: Place, name: string): Place {
  return { ...place, path: place.path === "" ? name : `${place.path}.${name}` };
}

function unknownField(name: string, place: Place, known: readonly string[]): StatusError {
  const near = nearestName(name, known);
  return new StatusError("InvalidArgument", `unknown field "${place.path}" in "${place.file}"`, {
    hint: near === undefined ? `known fields: ${known.join(", ")}` : `did you mean "${near}"?`,
  });
}

function wrongType(place: Place, wanted: string): StatusError {
  const what = place.path === "" ? "the configuration" : `the field "${place.path}"`;
  return new StatusError("InvalidArgument", `${what} in "${place.file}" must be ${wanted}`);
}
