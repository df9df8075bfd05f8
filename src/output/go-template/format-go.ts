import { printValue, templateFailure, type Value } from "./values.ts";

const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Go's Sprintf, for the verbs that documents in JSON have a use for. */
export function formatGo(format: string, args: readonly Value[]): string {
  let next = 0;
  const text = format.replaceAll(VERB, (_, flags: string, width, precision, verb: string) => {
    if (verb === "%") return "%";
    const columns = width === "*" ? Number(args[next++]) : Number(width ?? 0);
    if (next >= args.length) return `%!${verb}(MISSING)`;
    const value = args[next++];
    const digits = precision === undefined ? undefined : Number(precision);
    return pad(convert(verb, value, digits, flags), columns, flags);
  });
  if (next >= args.length) return text;
  return `${text}%!(EXTRA ${args.slice(next).map(printValue).join(", ")})`;
}

function convert(verb: string, value: Value, digits: number | undefined, flags: string): string {
  switch (verb) {
    case "v":
      return cut(printValue(value), undefined);
    case "s":
      return cut(printValue(value), digits);
    case "q":
      return JSON.stringify(cut(printValue(value), digits));
    case "t":
      if (typeof value === "boolean") return String(value);
      break;
    case "d": {
      const whole = toInteger(value);
      if (whole !== undefined) return plus(String(whole), flags);
      break;
    }
    case "x":
    case "X": {
      const text = typeof value === "string" ? hexOf(value) : toInteger(value)?.toString(16);
      if (text !== undefined) return verb === "X" ? text.toUpperCase() : text;
      break;
    }
    case "o":
    case "b": {
      const whole = toInteger(value);
      if (whole !== undefined) return whole.toString(verb === "o" ? 8 : 2);
      break;
    }
    case "c": {
      const whole = toInteger(value);
      if (whole !== undefined) return String.fromCodePoint(Number(whole));
      break;
    }
    case "e":
    case "f":
    case "g":
      if (typeof value === "number" || typeof value === "bigint") {
        return plus(formatFloat(verb, Number(value), digits), flags);
      }
      break;
    default:
      throw templateFailure(`printf does not know %${verb}`);
  }
  return `%!${verb}(${printValue(value)})`;
}

function formatFloat(verb: "e" | "f" | "g", value: number, digits: number | undefined): string {
  if (verb === "f") return value.toFixed(digits ?? 6);
  if (verb === "g")
    return digits === undefined ? String(value) : String(Number(value.toPrecision(digits)));
  // Go writes an exponent with two digits at least.
  return value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
}

function toInteger(value: Value): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  // 64-bit integers are texts in JSON.
  return typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : undefined;
}

function plus(text: string, flags: string): string {
  return flags.includes("+") && !text.startsWith("-") ? `+${text}` : text;
}

function hexOf(text: string): string {
  return Buffer.from(text).toString("hex");
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined ? text : [...text].slice(0, digits).join("");
}

function pad(text: string, columns: number, flags: string): string {
  const missing = columns - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (flags.includes("0") && /^[+-]?\d/.test(text)) {
    const sign = /^[+-]/.test(text) ? text.charAt(0) : "";
    return sign + "0".repeat(missing) + text.slice(sign.length);
  }
  return " ".repeat(missing) + text;
}
