/**
 * src/output/jsonpath: JSONPath templates in kubectl's dialect: `{.items[*].metadata.name}`, ranges,
 * filters, unions, slices and quoted text between braces, all else printed as it is. Values in, text
 * out. Not covered, as in kubectl: `&&` and `||` in filters, functions, expressions in brackets.
 * Reference: https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
import { StatusError } from "../../errors/status-error.ts";

/** A step from the values so far to the next ones. */
export type Step =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "literal"; readonly value: number | boolean }
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | { readonly kind: "slice"; readonly slice: Slice }
  | { readonly kind: "union"; readonly branches: readonly (readonly Step[])[] }
  | { readonly kind: "filter"; readonly filter: Filter };

export interface Slice {
  readonly from: number | undefined;
  /** Undefined: to the end. */
  readonly to: number | undefined;
  readonly step: number;
  /** One element, by its index. */
  readonly isIndex: boolean;
}

export interface Filter {
  readonly left: readonly Step[];
  /** Absent: what the left side names only has to be there. */
  readonly comparison?: { readonly operator: Operator; readonly right: readonly Step[] };
}

export type Operator = (typeof OPERATORS)[number];

/** A part of the template: text, the values of one pair of braces, or what repeats for each of them. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "values"; readonly steps: readonly Step[] }
  | { readonly kind: "range"; readonly steps: readonly Step[]; readonly body: readonly Part[] };

/** Longer ones first. */
const OPERATORS = ["==", "!=", "<=", ">=", "=~", "<", ">"] as const;

/** Throws InvalidArgument for a template that is malformed. */
export function parseJsonPath(template: string): readonly Part[] {
  const root: Part[] = [];
  /** The bodies that are open, the innermost one last. */
  const open: Part[][] = [root];
  let at = 0;
  const here = () => open.at(-1) ?? root;
  while (at < template.length) {
    const brace = template.indexOf("{", at);
    const text = template.slice(at, brace === -1 ? undefined : brace);
    if (text !== "") here().push({ kind: "text", text });
    if (brace === -1) break;
    const end = endOfAction(template, brace + 1);
    const action = template.slice(brace + 1, end).trim();
    at = end + 1;
    const range = /^range(?![\w])/.exec(action);
    if (action === "end") {
      if (open.length === 1) throw malformed(template, "{end} without {range}");
      open.pop();
    } else if (range !== null) {
      const body: Part[] = [];
      here().push({ kind: "range", steps: parseSteps(action.slice("range".length)), body });
      open.push(body);
    } else if (action !== "") {
      here().push({ kind: "values", steps: parseSteps(action) });
    }
  }
  if (open.length > 1) throw malformed(template, "{range} without {end}");
  return root;
}

/** The steps of a path or of one side of a filter. */
function parseSteps(source: string): readonly Step[] {
  const steps: Step[] = [];
  let at = 0;
  while (at < source.length) {
    const character = source.charAt(at);
    const rest = source.slice(at);
    if (/[\s@$]/.test(character)) {
      at++;
    } else if (rest.startsWith("[?(")) {
      const end = endOfFilter(source, at + 3);
      steps.push({ kind: "filter", filter: parseFilter(source.slice(at + 3, end)) });
      at = end + 2;
    } else if (character === "[") {
      const end = endOfBrackets(source, at + 1);
      steps.push(...parseBrackets(source.slice(at + 1, end)));
      at = end + 1;
    } else if (character === '"' || character === "'") {
      const end = endOfQuote(source, at);
      steps.push({ kind: "text", text: unquote(source.slice(at, end)) });
      at = end;
    } else if (character === ".") {
      const isRecursive = rest.startsWith("..");
      if (isRecursive) steps.push({ kind: "recursive" });
      const name =
        /^(?:\\[\s\S]|[^\s.,[\]$@{}\\])*/.exec(rest.slice(isRecursive ? 2 : 1))?.[0] ?? "";
      if (name !== "") steps.push(fieldStep(name));
      at += (isRecursive ? 2 : 1) + name.length;
    } else {
      const word = /^[^\s.,[\]$@{}]+(?:\.\d+)?/.exec(rest)?.[0] ?? "";
      steps.push(literalStep(word, source));
      at += word.length;
    }
  }
  return steps;
}

function fieldStep(name: string): Step {
  return name === "*"
    ? { kind: "wildcard" }
    : { kind: "field", name: name.replaceAll(/\\([\s\S])/g, "$1") };
}

function literalStep(word: string, source: string): Step {
  if (word === "true" || word === "false") return { kind: "literal", value: word === "true" };
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(word)) return { kind: "literal", value: Number(word) };
  const hint = /^\w/.test(word) ? `a field is written .${word}` : undefined;
  throw malformed(source, `"${word}" is not understood`, hint);
}

/** `*`, an index, a slice, a quoted key, or several of them: a union. */
function parseBrackets(source: string): readonly Step[] {
  const parts = splitUnion(source);
  if (parts.length === 1) return [bracketStep(parts[0] ?? "", source)];
  return [{ kind: "union", branches: parts.map((part) => [bracketStep(part, source)]) }];
}

function bracketStep(part: string, source: string): Step {
  const text = part.trim();
  if (text === "*") return { kind: "wildcard" };
  if (/^'[\s\S]*'$|^"[\s\S]*"$/.test(text)) return fieldStep(text.slice(1, -1));
  const slice = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(text);
  if (text === "" || slice === null) {
    throw malformed(source, `[${source}] is no index, slice or 'key'`);
  }
  const [from, to, step] = [slice[1], slice[2], slice[3]].map((digits) =>
    digits === undefined || digits === "" ? undefined : Number(digits),
  );
  if (step !== undefined && step <= 0) throw malformed(source, "a slice's step is above 0");
  return { kind: "slice", slice: { from, to, step: step ?? 1, isIndex: !text.includes(":") } };
}

function splitUnion(source: string): readonly string[] {
  const parts = [""];
  let quote = "";
  for (const character of source) {
    if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    if (character === "," && quote === "") parts.push("");
    else parts.push((parts.pop() ?? "") + character);
  }
  return parts;
}

function parseFilter(source: string): Filter {
  const found = findOperator(source);
  if (found === undefined) return { left: parseSteps(source) };
  const { index, operator } = found;
  const right = source.slice(index + operator.length);
  if (right.trim() === "") throw malformed(source, "nothing to compare with");
  return {
    left: parseSteps(source.slice(0, index)),
    comparison: { operator, right: parseSteps(right) },
  };
}

/** The first operator outside of quotes. */
function findOperator(source: string): { index: number; operator: Operator } | undefined {
  for (let index = 0; index < source.length; index++) {
    const character = source.charAt(index);
    if (character === '"' || character === "'") {
      index = endOfQuote(source, index) - 1;
      continue;
    }
    const operator = OPERATORS.find((each) => source.startsWith(each, index));
    if (operator !== undefined) return { index, operator };
  }
  return undefined;
}

/** Index of the brace that closes an action; braces in quotes are text. */
function endOfAction(template: string, from: number): number {
  for (let at = from; at < template.length; at++) {
    const character = template.charAt(at);
    if (character === "}") return at;
    if (character === "{") throw malformed(template, "a brace inside of braces");
    if (character === '"' || character === "'") at = endOfQuote(template, at) - 1;
  }
  throw malformed(template, "a brace is not closed");
}

function endOfFilter(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === ")" && source.charAt(at + 1) === "]") return at;
    if (character === '"' || character === "'") at = endOfQuote(source, at) - 1;
  }
  throw malformed(source, "a filter is not closed by )]");
}

function endOfBrackets(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "]") return at;
    if (character === '"' || character === "'") at = endOfQuote(source, at) - 1;
  }
  throw malformed(source, "a bracket is not closed");
}

/** Index behind the quote that closes the one at `from`. */
function endOfQuote(source: string, from: number): number {
  const quote = source.charAt(from);
  for (let at = from + 1; at < source.length; at++) {
    if (source.charAt(at) === "\\") at++;
    else if (source.charAt(at) === quote) return at + 1;
  }
  throw malformed(source, "a quote is not closed");
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replaceAll(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, unicode, hex, other) => {
      const code: string | undefined = unicode ?? hex;
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      return ESCAPES[other as string] ?? String(other);
    });
}

function malformed(source: string, what: string, hint?: string): StatusError {
  return new StatusError("InvalidArgument", `JSONPath "${source.trim()}": ${what}`, {
    hint: hint ?? "see crish help formats, or kubectl's JSONPath",
  });
}
