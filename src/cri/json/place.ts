import { nearestName } from "../../errors/nearest-name.ts";
import { StatusError } from "../../errors/status-error.ts";

export interface FromJsonOptions {
  /** The file the value was read from, for messages. */
  file?: string | undefined;
  /** Where in the file the value at a path starts, or its key where it has one. */
  locate?: (path: JsonPath) => { line: number; column: number } | undefined;
}

/** Names and indexes that lead to a value: `["mounts", 0, "host_path"]`. */
export type JsonPath = readonly (string | number)[];

/** Where a reader of parsed JSON or YAML is: what its errors name. */
export interface Place {
  readonly options: FromJsonOptions;
  readonly path: JsonPath;
}

export function below(place: Place, step: string | number): Place {
  return { options: place.options, path: [...place.path, step] };
}

/** The entries of an object. Throws InvalidArgument for anything else. */
export function readObject(value: unknown, place: Place): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw invalid(place, `expected an object, got ${kindOf(value)}`);
}

/** A key that the object at the place does not have, and the one that was meant. */
export function unknownName(place: Place, key: string, names: readonly string[]): StatusError {
  const near = nearestName(key, names);
  const hint = near === undefined ? oneOf(names) : didYouMean(near);
  return problem(place, `unknown field "${formatPath(place.path)}"`, hint);
}

export function invalid(place: Place, what: string, hint?: string): StatusError {
  const path = formatPath(place.path);
  return problem(place, path === "" ? what : `field "${path}": ${what}`, hint);
}

/** An InvalidArgument that begins with file, line and column. */
export function problem({ options, path }: Place, what: string, hint?: string): StatusError {
  const at = options.locate?.(path);
  const where = [options.file, at?.line, at?.column].filter((part) => part !== undefined);
  const message = where.length === 0 ? what : `${where.join(":")}: ${what}`;
  return new StatusError("InvalidArgument", message, hint === undefined ? {} : { hint });
}

/** `spec.containers[0].image` */
export function formatPath(path: JsonPath): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index ? "." : ""}${step}`))
    .join("");
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "bigint") return "a number";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

export function didYouMean(name: string): string {
  return `did you mean "${name}"?`;
}

export function oneOf(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(", ");
  return names.length === 0
    ? "there are no fields here"
    : `there is ${shown}${names.length > 12 ? ", …" : ""}`;
}
