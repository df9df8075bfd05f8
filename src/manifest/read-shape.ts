import {
  below,
  didYouMean,
  formatPath,
  invalid,
  kindOf,
  oneOf,
  type Place,
  problem,
  readObject,
  unknownName,
} from "../cri/json/place.ts";
import { nearestName } from "../errors/nearest-name.ts";
import type { Field, Shape, ValueOf } from "./shape.ts";

/** Paths of fields that were given and are not used, in the order of the text. */
export interface Unused {
  readonly cluster: string[];
  readonly unsupported: string[];
}

/**
 * A value of the shape from parsed YAML or JSON; null is an absent field, as an API server takes it.
 * What is given and not used goes to `unused`. Throws InvalidArgument with place and path for an
 * unknown field (with the name that was meant), a value of another kind and a field that is missing.
 */
export function readShape<const S extends Shape>(
  shape: S,
  value: unknown,
  { place, unused }: { place: Place; unused: Unused },
): ValueOf<S> {
  return readValue(shape, value, place, unused) as ValueOf<S>;
}

function readValue(shape: Shape, value: unknown, place: Place, unused: Unused): unknown {
  switch (shape.kind) {
    case "object":
      return readFields(shape.fields, value, place, unused);
    case "list":
      if (!Array.isArray(value)) throw invalid(place, `expected a list, got ${kindOf(value)}`);
      return value.map((item, index) => readValue(shape.item, item, below(place, index), unused));
    case "map":
      return Object.fromEntries(
        readObject(value, place).map(([key, item]) => [
          key,
          readValue(shape.value, item, below(place, key), unused),
        ]),
      );
    case "enum":
      return readEnum(shape.values, value, place);
    case "string":
      return readString(value, place);
    case "boolean":
      if (typeof value !== "boolean") {
        throw invalid(place, `expected true or false, got ${kindOf(value)}`);
      }
      return value;
    case "integer":
      return readInteger(value, place);
    case "quantity":
      return typeof value === "string" ? value : String(readNumber(value, place));
  }
}

function readFields(
  fields: Readonly<Record<string, Field>>,
  value: unknown,
  place: Place,
  unused: Unused,
): object {
  const result: Record<string, unknown> = {};
  for (const [key, item] of readObject(value, place)) {
    const here = below(place, key);
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) throw unknownName(here, key, Object.keys(fields));
    if (item === null || item === undefined) continue;
    switch (field.kind) {
      case "output":
        break;
      case "cluster":
      case "unsupported":
        unused[field.kind].push(formatPath(here.path));
        break;
      case "refused":
        throw problem(here, `field "${formatPath(here.path)}" is not supported`, field.hint);
      case "required":
        result[key] = readValue(field.shape, item, here, unused);
        break;
      default:
        result[key] = readValue(field, item, here, unused);
    }
  }
  for (const [key, field] of Object.entries(fields)) {
    if (field.kind !== "required" || result[key] !== undefined) continue;
    throw problem(place, `"${formatPath([...place.path, key])}" is missing`);
  }
  return result;
}

function readEnum(values: readonly string[], value: unknown, place: Place): string {
  if (typeof value !== "string") throw invalid(place, `expected a name, got ${kindOf(value)}`);
  if (values.includes(value)) return value;
  const near = nearestName(value, values);
  throw invalid(place, `unknown value "${value}"`, near ? didYouMean(near) : oneOf(values));
}

function readString(value: unknown, place: Place): string {
  if (typeof value === "string") return value;
  // The value may be a secret: the hint does not repeat it.
  const hint = value instanceof Object ? undefined : "write it in quotes";
  throw invalid(place, `expected a string, got ${kindOf(value)}`, hint);
}

function readInteger(value: unknown, place: Place): number {
  const number = readNumber(value, place);
  if (!Number.isSafeInteger(number)) throw invalid(place, `expected a whole number, got ${number}`);
  return number;
}

function readNumber(value: unknown, place: Place): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  const hint =
    typeof value === "string" && /^-?\d+$/.test(value)
      ? `write it without quotes: ${value}`
      : undefined;
  throw invalid(place, `expected a number, got ${kindOf(value)}`, hint);
}
