import { StatusError } from "../../errors/status-error.ts";
import { renderJsonLine } from "../json.ts";
import {
  type Filter,
  type Operator,
  type Part,
  parseJsonPath,
  type Slice,
  type Step,
} from "./parse-json-path.ts";

export interface JsonPathOptions {
  /** An index that is out of bounds, or a step into what has none, is an error or just nothing. */
  readonly missing?: "empty";
}

/**
 * A JSONPath template, ready for documents. A field that is not there prints nothing, as in kubectl.
 * Throws InvalidArgument for a malformed template; the function throws OutOfRange for an index that a
 * list does not have and FailedPrecondition for a step that the document does not allow.
 */
export function compileJsonPath(
  template: string,
  options: JsonPathOptions = {},
): (document: unknown) => string {
  const isBare = /^[.$[]/.test(template) && !template.includes("{");
  const parts = parseJsonPath(isBare ? `{${template}}` : template);
  return (document) => {
    try {
      return renderParts(parts, document);
    } catch (error) {
      if (options.missing === "empty" && error instanceof StatusError) return "";
      throw error;
    }
  };
}

function renderParts(parts: readonly Part[], current: unknown): string {
  return parts
    .map((part) => {
      if (part.kind === "text") return part.text;
      const values = evaluate(part.steps, [current]);
      if (part.kind === "values") return values.map(valueText).join(" ");
      return values.map((value) => renderParts(part.body, value)).join("");
    })
    .join("");
}

function evaluate(steps: readonly Step[], start: readonly unknown[]): readonly unknown[] {
  let values = start;
  for (const step of steps) values = takeStep(step, values);
  return values;
}

function takeStep(step: Step, values: readonly unknown[]): readonly unknown[] {
  switch (step.kind) {
    case "text":
      return [step.text];
    case "literal":
      return values.map(() => step.value);
    case "field":
      return values.flatMap((value) => fieldOf(value, step.name));
    case "wildcard":
      return values.flatMap(childrenOf);
    case "recursive":
      return values.flatMap(descendantsOf);
    case "slice":
      return values.flatMap((value) => sliceOf(value, step.slice));
    case "union":
      return step.branches.flatMap((branch) => evaluate(branch, values));
    case "filter":
      return values.flatMap((value) => filtered(value, step.filter));
  }
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  if (!isObject(value) || !Object.hasOwn(value, name)) return [];
  return [value[name]];
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

/** The value itself and all below it that have children: a field is looked for in each. */
function descendantsOf(value: unknown): readonly unknown[] {
  const children = childrenOf(value);
  return children.length === 0 ? [] : [value, ...children.flatMap(descendantsOf)];
}

function sliceOf(value: unknown, { from, to, step, isIndex }: Slice): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new StatusError("FailedPrecondition", `${valueText(value)} is no list`);
  }
  if (isIndex) {
    const index = from ?? 0;
    const wanted = index < 0 ? index + value.length : index;
    if (wanted >= 0 && wanted < value.length) return [value[wanted]];
    throw new StatusError(
      "OutOfRange",
      `there is no element ${index} in a list of ${value.length}`,
    );
  }
  return value.slice(from ?? 0, to ?? value.length).filter((_, index) => index % step === 0);
}

function filtered(value: unknown, { left, comparison }: Filter): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) {
    throw new StatusError("FailedPrecondition", `${valueText(value)} is no list to be filtered`);
  }
  return value.filter((item) => {
    const lefts = evaluate(left, [item]);
    if (comparison === undefined) return lefts.length > 0;
    const rights = evaluate(comparison.right, [item]);
    if (lefts.length > 1 || rights.length > 1) {
      throw new StatusError("FailedPrecondition", "a filter compares one value at a time");
    }
    if (lefts.length === 0 || rights.length === 0) return false;
    return compare(lefts[0], comparison.operator, rights[0]);
  });
}

function compare(left: unknown, operator: Operator, right: unknown): boolean {
  if (operator === "=~") return matches(left, right);
  const [a, b] = comparable(left, right);
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

/** 64-bit integers are texts in JSON: beside a number such a text is one. */
function comparable(left: unknown, right: unknown): readonly [Comparable, Comparable] {
  const isNumeric = typeof left === "number" || typeof right === "number";
  if (isNumeric) {
    const [a, b] = [Number(left), Number(right)];
    if (!(Number.isNaN(a) || Number.isNaN(b))) return [a, b];
  }
  return [valueText(left), valueText(right)];
}

type Comparable = string | number;

function matches(left: unknown, right: unknown): boolean {
  const pattern = valueText(right);
  try {
    return new RegExp(pattern).test(valueText(left));
  } catch (cause) {
    throw new StatusError("InvalidArgument", `"${pattern}" is not a regular expression`, { cause });
  }
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return renderJsonLine(value).trimEnd();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
