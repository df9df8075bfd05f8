import { FUNCTIONS, LAZY_FUNCTIONS } from "./functions.ts";
import {
  type Body,
  type Call,
  type Node,
  type Operand,
  type ParsedTemplate,
  type Pipeline,
  parseGoTemplate,
} from "./parse-go-template.ts";
import { malformedTemplate } from "./tokens.ts";
import { isRecord, isTrue, printValue, templateFailure, type Value } from "./values.ts";

/**
 * A Go template, ready for documents. A field that a document does not have is an error, as in
 * crictl (`index` gives an empty text for it). Throws InvalidArgument for a malformed template; the
 * function throws FailedPrecondition for what the document does not allow.
 */
export function compileGoTemplate(template: string): (document: unknown) => string {
  const parsed = parseGoTemplate(template);
  return (document) => {
    const scope: Scope = { variables: new Map([["$", document]]), parent: undefined };
    return renderBody(parsed.body, document, { parsed, scope, depth: 0 }).text;
  };
}

interface Scope {
  readonly variables: Map<string, Value>;
  readonly parent: Scope | undefined;
}

interface Place {
  readonly parsed: ParsedTemplate;
  readonly scope: Scope;
  /** How many templates have called one another: what never ends is stopped. */
  readonly depth: number;
}

interface Rendered {
  readonly text: string;
  /** A range is left, or goes on with its next element. */
  readonly leave?: "break" | "continue";
}

const MOST_TEMPLATES = 1000;

function renderBody(body: Body, dot: Value, place: Place): Rendered {
  const inside = { ...place, scope: innerScope(place.scope) };
  let text = "";
  for (const node of body) {
    const rendered = renderNode(node, dot, inside);
    text += rendered.text;
    if (rendered.leave !== undefined) return { text, leave: rendered.leave };
  }
  return { text };
}

function renderNode(node: Node, dot: Value, place: Place): Rendered {
  switch (node.kind) {
    case "text":
      return { text: node.text };
    case "print": {
      const value = evaluate(node.pipeline, dot, place);
      return { text: node.pipeline.variables.length > 0 ? "" : printValue(value) };
    }
    case "if":
    case "with": {
      const inside = { ...place, scope: innerScope(place.scope) };
      const value = evaluate(node.pipeline, dot, inside);
      if (!isTrue(value)) return renderBody(node.otherwise, dot, inside);
      return renderBody(node.body, node.kind === "with" ? value : dot, inside);
    }
    case "range":
      return renderRange(node, dot, place);
    case "template":
      return { text: renderNamed(node, dot, place) };
    case "leave":
      return { text: "", leave: node.how };
  }
}

function renderRange(node: Extract<Node, { kind: "range" }>, dot: Value, place: Place): Rendered {
  const { variables, assigns } = node.pipeline;
  const entries = entriesOf(run(node.pipeline.commands, dot, place));
  if (entries.length === 0) return renderBody(node.otherwise, dot, place);
  let text = "";
  for (const [key, element] of entries) {
    const inside = { ...place, scope: innerScope(place.scope) };
    const values = variables.length === 2 ? [key, element] : [element];
    variables.forEach((name, index) => {
      setVariable(name, values[index], assigns, inside.scope);
    });
    const rendered = renderBody(node.body, element, inside);
    text += rendered.text;
    if (rendered.leave === "break") break;
  }
  return { text };
}

function renderNamed(node: Extract<Node, { kind: "template" }>, dot: Value, place: Place): string {
  const body = place.parsed.named.get(node.name);
  if (body === undefined) throw malformedTemplate(`there is no template "${node.name}"`);
  if (place.depth >= MOST_TEMPLATES) throw templateFailure(`"${node.name}" calls itself for ever`);
  const value = node.pipeline === undefined ? undefined : evaluate(node.pipeline, dot, place);
  const scope: Scope = { variables: new Map([["$", value]]), parent: undefined };
  return renderBody(body, value, { ...place, scope, depth: place.depth + 1 }).text;
}

/** Lists by index, maps by key in order, a whole number as that many. */
function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((element, index) => [index, element]);
  if (isRecord(value)) {
    return Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  }
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) {
    return Array.from({ length: value }, (_, index) => [index, index]);
  }
  throw templateFailure(`range over ${printValue(value)}`);
}

function evaluate(pipeline: Pipeline, dot: Value, place: Place): Value {
  const value = run(pipeline.commands, dot, place);
  for (const name of pipeline.variables) setVariable(name, value, pipeline.assigns, place.scope);
  return value;
}

/** Each command gets the value of the one before it as its last argument. */
function run(commands: readonly Call[], dot: Value, place: Place): Value {
  let value: Value;
  commands.forEach((call, index) => {
    value = runCall(call, index === 0 ? [] : [value], dot, place);
  });
  return value;
}

function runCall({ head, args }: Call, piped: readonly Value[], dot: Value, place: Place): Value {
  if (head.kind !== "function") {
    if (piped.length > 0) throw malformedTemplate("only a function takes what is piped into it");
    return operandValue(head, dot, place);
  }
  if (LAZY_FUNCTIONS.has(head.name)) {
    return decide(head.name === "or", args, piped, dot, place);
  }
  const values = [...args.map((arg) => operandValue(arg, dot, place)), ...piped];
  return FUNCTIONS.get(head.name)?.(...values);
}

/** `and` gives the first that is not true, `or` the first that is; else the last. */
function decide(
  stopsAt: boolean,
  args: readonly Operand[],
  piped: readonly Value[],
  dot: Value,
  place: Place,
): Value {
  let value: Value;
  for (const arg of args) {
    value = operandValue(arg, dot, place);
    if (isTrue(value) === stopsAt) return value;
  }
  return piped.length > 0 ? piped[0] : value;
}

function operandValue(operand: Operand, dot: Value, place: Place): Value {
  switch (operand.kind) {
    case "dot":
      return dot;
    case "nil":
      return null;
    case "literal":
      return operand.value;
    case "variable":
      return variableOf(operand.name, place.scope);
    case "function":
      return runCall({ head: operand, args: [] }, [], dot, place);
    case "pipeline":
      return run(operand.pipeline.commands, dot, place);
    case "fields":
      return operand.names.reduce(fieldOf, operandValue(operand.of, dot, place));
  }
}

function fieldOf(value: Value, name: string): Value {
  if (isRecord(value)) {
    if (Object.hasOwn(value, name)) return value[name];
    throw templateFailure(
      `there is no "${name}"; it has ${Object.keys(value).join(", ") || "nothing"}`,
    );
  }
  throw templateFailure(`"${name}" of ${printValue(value)}`);
}

function innerScope(parent: Scope): Scope {
  return { variables: new Map(), parent };
}

function setVariable(name: string, value: Value, assigns: boolean, scope: Scope): void {
  const owner = assigns ? ownerOf(name, scope) : scope;
  if (owner === undefined) throw malformedTemplate(`there is no variable ${name}`);
  owner.variables.set(name, value);
}

function variableOf(name: string, scope: Scope): Value {
  const owner = ownerOf(name, scope);
  if (owner === undefined) throw malformedTemplate(`there is no variable ${name}`);
  return owner.variables.get(name);
}

function ownerOf(name: string, scope: Scope): Scope | undefined {
  for (let each: Scope | undefined = scope; each !== undefined; each = each.parent) {
    if (each.variables.has(name)) return each;
  }
  return undefined;
}
