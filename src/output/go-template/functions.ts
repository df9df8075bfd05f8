import { renderJsonLine } from "../json.ts";
import { formatGo } from "./format-go.ts";
import { isRecord, isTrue, printValue, templateFailure, type Value } from "./values.ts";

/**
 * The functions by name. `and` and `or` are not here: they stop at the first argument that decides,
 * so whoever evaluates does them.
 */
type TemplateFunction = (...args: readonly Value[]) => Value;

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

/** Present under their names, so that the parser knows them; see the evaluation. */
export const LAZY_FUNCTIONS: ReadonlySet<string> = new Set(["and", "or"]);

const unreachable: TemplateFunction = () => undefined;

export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ["and", unreachable],
  ["or", unreachable],
  ["not", (value) => !isTrue(value)],
  ["len", lengthOf],
  ["index", indexInto],
  ["slice", sliceOf],
  ["print", (...args) => printAll(args)],
  ["println", (...args) => `${args.map(printValue).join(" ")}\n`],
  ["printf", (format, ...args) => formatGo(textOf(format, "printf"), args)],
  ["html", (...args) => printAll(args).replaceAll(/[&<>"']/g, (each) => HTML[each] ?? each)],
  ["js", (...args) => JSON.stringify(printAll(args)).slice(1, -1).replaceAll("'", "\\'")],
  ["urlquery", (...args) => encodeURIComponent(printAll(args)).replaceAll("%20", "+")],
  ["eq", (first, ...others) => others.some((other) => order("eq", first, other) === 0)],
  ["ne", (left, right) => order("ne", left, right) !== 0],
  ["lt", (left, right) => order("lt", left, right) < 0],
  ["le", (left, right) => order("le", left, right) <= 0],
  ["gt", (left, right) => order("gt", left, right) > 0],
  ["ge", (left, right) => order("ge", left, right) >= 0],
  // What crictl adds.
  ["json", (value) => renderJsonLine(value ?? null).trimEnd()],
  ["lower", (value) => textOf(value, "lower").toLowerCase()],
  ["upper", (value) => textOf(value, "upper").toUpperCase()],
  [
    "title",
    (value) => textOf(value, "title").replaceAll(/(^|\s)(\p{L})/gu, (each) => each.toUpperCase()),
  ],
  // What kubectl and docker add.
  ["join", (list, separator) => joined(list, separator)],
  ["split", (text, separator) => textOf(text, "split").split(textOf(separator, "split"))],
  ["base64decode", (text) => Buffer.from(textOf(text, "base64decode"), "base64").toString("utf8")],
]);

/** Go's Print sets a space between two values where neither is a text. */
function printAll(args: readonly Value[]): string {
  let text = "";
  args.forEach((arg, index) => {
    const before = args[index - 1];
    const isApart = index > 0 && typeof before !== "string" && typeof arg !== "string";
    text += (isApart ? " " : "") + printValue(arg);
  });
  return text;
}

function lengthOf(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (isRecord(value)) return Object.keys(value).length;
  throw templateFailure(`len of ${printValue(value)}`);
}

/** As in Go, a key that a map does not have gives its zero value, an index that a list lacks fails. */
function indexInto(value: Value, ...keys: readonly Value[]): Value {
  let current = value;
  for (const key of keys) {
    if (Array.isArray(current)) {
      const at = Number(key);
      if (!Number.isInteger(at) || at < 0 || at >= current.length) {
        throw templateFailure(
          `there is no element ${printValue(key)} in a list of ${current.length}`,
        );
      }
      current = current[at];
    } else if (isRecord(current)) {
      const name = String(key);
      current = Object.hasOwn(current, name) ? current[name] : "";
    } else {
      throw templateFailure(`index of ${printValue(current)}`);
    }
  }
  return current;
}

function sliceOf(value: Value, from: Value = 0, to?: Value): Value {
  if (typeof value !== "string" && !Array.isArray(value)) {
    throw templateFailure(`slice of ${printValue(value)}`);
  }
  const [start, end] = [Number(from), to === undefined ? value.length : Number(to)];
  if (!(start >= 0 && start <= end && end <= value.length)) {
    throw templateFailure(`slice from ${start} to ${end} of ${value.length}`);
  }
  return value.slice(start, end);
}

/** 64-bit integers are texts in JSON: beside a number such a text is one. */
function order(name: string, left: Value, right: Value): number {
  const isNumeric = isNumber(left) || isNumber(right);
  if (isNumeric) {
    const [a, b] = [toNumber(left), toNumber(right)];
    if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
    if (name === "eq" || name === "ne") return 1;
    throw templateFailure(`${name} of ${printValue(left)} and ${printValue(right)}`);
  }
  if (left === right) return 0;
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : 1;
  if (name === "eq" || name === "ne") {
    return JSON.stringify(left ?? null) === JSON.stringify(right ?? null) ? 0 : 1;
  }
  throw templateFailure(`${name} of ${printValue(left)} and ${printValue(right)}`);
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function toNumber(value: Value): number | bigint | undefined {
  if (isNumber(value)) return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (/^-?\d+$/.test(value)) return BigInt(value);
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function joined(list: Value, separator: Value): string {
  if (!Array.isArray(list)) throw templateFailure(`join of ${printValue(list)}`);
  return list.map(printValue).join(textOf(separator, "join"));
}

function textOf(value: Value, name: string): string {
  if (typeof value === "string") return value;
  throw templateFailure(`${name} wants a text, not ${printValue(value)}`);
}
