import { StatusError } from "../errors/status-error.ts";
import type { FlagValue } from "./command.ts";

/** What labels must be like. All requirements of all words hold together. */
export interface LabelSelector {
  matches(labels: Readonly<Record<string, string>>): boolean;
  /** The requirements that a runtime's own filter can have: label and value. */
  readonly equal: Readonly<Record<string, string>>;
}

interface Requirement {
  readonly key: string;
  readonly operator: "in" | "notin" | "exists" | "absent";
  readonly values: readonly string[];
}

const EVERYTHING: LabelSelector = { matches: () => true, equal: {} };

/**
 * A comma parts two requirements only where another one follows it: values may have commas in them,
 * so `a=b,c` is one value. A label that only has to be there stands in a word of its own.
 */
const BETWEEN = /,(?=\s*(?:![^,=!\s]+\s*(?:,|$)|[^,=!()\s]+\s*(?:=|!=|\s(?:not)?in\s*\()))/;
const FORMS = "write KEY=VALUE, KEY!=VALUE, 'KEY in (A,B)', 'KEY notin (A,B)', KEY or !KEY";

/**
 * The words of --label and --selector, in Kubernetes' grammar of selectors: `=`, `==`, `!=`, `in`,
 * `notin`, a key that is there and one that is not. Throws InvalidArgument.
 */
export function parseLabelSelector(value: FlagValue | undefined): LabelSelector {
  const words = Array.isArray(value) ? (value as readonly string[]) : [];
  if (words.length === 0) return EVERYTHING;
  const requirements = words
    .flatMap(splitRequirements)
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .map(parseRequirement);
  return {
    matches: (labels) => requirements.every((requirement) => holds(requirement, labels)),
    equal: Object.fromEntries(
      requirements.flatMap(({ key, operator, values }) =>
        operator === "in" && values.length === 1 ? [[key, values[0] ?? ""]] : [],
      ),
    ),
  };
}

/** Commas inside of parentheses are between the values of a set. */
function splitRequirements(word: string): readonly string[] {
  if (!word.includes("(")) return word.split(BETWEEN);
  const parts: string[] = [];
  let rest = word;
  for (;;) {
    const set = /^\s*[^\s,=!()]+\s+(?:not)?in\s*\([^()]*\)/.exec(rest)?.[0];
    const next = set ?? rest.split(BETWEEN)[0] ?? rest;
    parts.push(next);
    rest = rest.slice(next.length);
    if (rest === "") return parts;
    if (!rest.startsWith(",")) throw malformed(word);
    rest = rest.slice(1);
  }
}

function parseRequirement(word: string): Requirement {
  const set = /^([^\s,=!()]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(word);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((text) => text.trim());
    return { key, operator: operator === "in" ? "in" : "notin", values };
  }
  const equality = /^([^\s=!()]+)\s*(==?|!=)\s?([\s\S]*)$/.exec(word);
  if (equality !== null) {
    const [, key = "", operator, text = ""] = equality;
    return { key, operator: operator === "!=" ? "notin" : "in", values: [text] };
  }
  const key = word.startsWith("!") ? word.slice(1).trim() : word;
  if (key === "" || /[\s=!(),]/.test(key)) throw malformed(word);
  return { key, operator: word.startsWith("!") ? "absent" : "exists", values: [] };
}

/** As in Kubernetes, `!=` and `notin` hold where there is no such label. */
function holds(
  { key, operator, values }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "in":
      return value !== undefined && values.includes(value);
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
  }
}

function malformed(word: string): StatusError {
  return new StatusError("InvalidArgument", `--label: "${word}" is not a selector`, {
    hint: FORMS,
  });
}
