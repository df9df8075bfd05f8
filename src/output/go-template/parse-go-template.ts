import { FUNCTIONS } from "./functions.ts";
import { type Chunk, malformedTemplate, type Token, tokenizeTemplate } from "./tokens.ts";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipeline: Pipeline }
  | {
      readonly kind: "if";
      readonly pipeline: Pipeline;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | {
      readonly kind: "with";
      readonly pipeline: Pipeline;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | {
      readonly kind: "range";
      readonly pipeline: Pipeline;
      readonly body: Body;
      readonly otherwise: Body;
    }
  | { readonly kind: "template"; readonly name: string; readonly pipeline: Pipeline | undefined }
  | { readonly kind: "leave"; readonly how: "break" | "continue" };

export type Body = readonly Node[];

export interface Pipeline {
  /** Variables that get the value: one, or index and element of a range. */
  readonly variables: readonly string[];
  /** They exist already (`=`), or are made (`:=`). */
  readonly assigns: boolean;
  readonly commands: readonly Call[];
}

/** A function or a value, and what it is called with. */
export interface Call {
  readonly head: Operand;
  readonly args: readonly Operand[];
}

export type Operand =
  | { readonly kind: "dot" }
  | { readonly kind: "nil" }
  | { readonly kind: "literal"; readonly value: string | number | bigint | boolean }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline }
  | { readonly kind: "fields"; readonly of: Operand; readonly names: readonly string[] };

export interface ParsedTemplate {
  readonly body: Body;
  /** What define and block have named. */
  readonly named: ReadonlyMap<string, Body>;
}

/** Throws InvalidArgument for a template that is malformed or calls what is no function. */
export function parseGoTemplate(template: string): ParsedTemplate {
  const chunks = tokenizeTemplate(template);
  const named = new Map<string, Body>();
  let at = 0;

  /** Nodes up to the word that closes them: `end`, or `else` with what follows it. */
  function parseBody(
    isInside: boolean,
    inRange: boolean,
  ): { body: Body; closing: readonly Token[] } {
    const body: Node[] = [];
    for (; at < chunks.length; ) {
      const chunk = chunks[at] as Chunk;
      at++;
      if (chunk.kind === "text") {
        body.push(chunk);
        continue;
      }
      const word = wordAt(chunk.tokens, 0);
      if (word === "end" || word === "else") {
        if (!isInside) throw malformedTemplate(`{{${word}}} closes nothing`);
        return { body, closing: chunk.tokens };
      }
      const node = parseAction(chunk.tokens, inRange);
      if (node !== undefined) body.push(node);
    }
    if (isInside) throw malformedTemplate("an {{end}} is missing");
    return { body, closing: [] };
  }

  function parseAction(tokens: readonly Token[], inRange: boolean): Node | undefined {
    const word = wordAt(tokens, 0);
    const rest = tokens.slice(1);
    switch (word) {
      case "if":
      case "with":
      case "range":
        return parseBranch(word, rest, inRange);
      case "define":
      case "block":
        return parseNamed(word, rest);
      case "template":
        return { kind: "template", name: nameIn(rest), pipeline: optionalPipeline(rest.slice(1)) };
      case "break":
      case "continue":
        if (!inRange) throw malformedTemplate(`{{${word}}} outside of {{range}}`);
        return { kind: "leave", how: word };
      default:
        return { kind: "print", pipeline: parsePipeline(tokens) };
    }
  }

  function parseBranch(
    kind: "if" | "with" | "range",
    tokens: readonly Token[],
    inRange: boolean,
  ): Node {
    const pipeline = parsePipeline(tokens, kind === "range" ? 2 : 1);
    const { body, closing } = parseBody(true, inRange || kind === "range");
    return { kind, pipeline, body, otherwise: parseElse(closing, inRange, kind) };
  }

  /** `{{else if X}}` is an else with an if inside, closed by the same end. */
  function parseElse(closing: readonly Token[], inRange: boolean, kind: string): Body {
    if (wordAt(closing, 0) === "end") return [];
    const next = wordAt(closing, 1);
    if (next === "if" || next === "with") {
      return [parseBranch(next, closing.slice(2), inRange)];
    }
    if (closing.length > 1)
      throw malformedTemplate("{{else}} is followed by if or with, or nothing");
    const { body, closing: end } = parseBody(true, inRange);
    if (wordAt(end, 0) === "else") throw malformedTemplate(`a second {{else}} in {{${kind}}}`);
    return body;
  }

  function parseNamed(word: "define" | "block", tokens: readonly Token[]): Node | undefined {
    const name = nameIn(tokens);
    const pipeline = word === "block" ? parsePipeline(tokens.slice(1)) : undefined;
    const { body, closing } = parseBody(true, false);
    if (wordAt(closing, 0) !== "end") throw malformedTemplate(`{{else}} in {{${word}}}`);
    named.set(name, body);
    return pipeline === undefined ? undefined : { kind: "template", name, pipeline };
  }

  const { body } = parseBody(false, false);
  return { body, named };
}

function wordAt(tokens: readonly Token[], index: number): string | undefined {
  const token = tokens[index];
  return token?.kind === "word" ? token.text : undefined;
}

function nameIn([token]: readonly Token[]): string {
  if (token?.kind === "value" && typeof token.value === "string") return token.value;
  throw malformedTemplate("define, block and template want a name in quotes");
}

function optionalPipeline(tokens: readonly Token[]): Pipeline | undefined {
  return tokens.length === 0 ? undefined : parsePipeline(tokens);
}

/** `$i, $e := .list | f "x" | g`; at most so many variables. */
function parsePipeline(tokens: readonly Token[], mostVariables = 1): Pipeline {
  const { variables, assigns, rest } = readVariables(tokens, mostVariables);
  if (rest.length === 0) throw malformedTemplate("a value is missing");
  const commands = splitAt(rest, "|").map(parseCall);
  return { variables, assigns, commands };
}

interface Declaration {
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly rest: readonly Token[];
}

function readVariables(tokens: readonly Token[], most: number): Declaration {
  const variables: string[] = [];
  for (let at = 0; at < tokens.length; at += 2) {
    const variable = tokens[at];
    const mark = tokens[at + 1];
    if (variable?.kind !== "variable" || mark?.kind !== "mark") break;
    variables.push(variable.text);
    if (mark.text === ":=" || mark.text === "=") {
      if (variables.length > most) throw malformedTemplate("too many variables");
      return { variables, assigns: mark.text === "=", rest: tokens.slice(at + 2) };
    }
    if (mark.text !== ",") break;
  }
  return { variables: [], assigns: false, rest: tokens };
}

function parseCall(tokens: readonly Token[]): Call {
  const [head, ...args] = parseOperands(tokens);
  if (head === undefined) throw malformedTemplate("a value is missing");
  if (args.length > 0 && head.kind !== "function") {
    throw malformedTemplate("only a function takes arguments");
  }
  return { head, args };
}

function parseOperands(tokens: readonly Token[]): readonly Operand[] {
  const operands: Operand[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.kind === "field" && token.isTight && operands.length > 0) {
      operands.push(withField(operands.pop() as Operand, token.text));
    } else if (token.kind === "field") {
      operands.push(withField({ kind: "dot" }, token.text));
    } else if (token.kind === "mark") {
      if (token.text !== "(") throw malformedTemplate(`"${token.text}" is out of place`);
      const end = closingParenthesis(tokens, at);
      operands.push({ kind: "pipeline", pipeline: parsePipeline(tokens.slice(at + 1, end), 0) });
      at = end;
    } else {
      operands.push(simpleOperand(token));
    }
  }
  return operands;
}

function simpleOperand(token: Exclude<Token, { kind: "field" | "mark" }>): Operand {
  switch (token.kind) {
    case "dot":
      return { kind: "dot" };
    case "variable":
      return { kind: "variable", name: token.text };
    case "value":
      return { kind: "literal", value: token.value };
    case "word":
      if (token.text === "nil") return { kind: "nil" };
      if (token.text === "true" || token.text === "false") {
        return { kind: "literal", value: token.text === "true" };
      }
      if (!FUNCTIONS.has(token.text)) {
        throw malformedTemplate(`there is no function "${token.text}"`);
      }
      return { kind: "function", name: token.text };
  }
}

function withField(of: Operand, name: string): Operand {
  if (of.kind === "fields") return { ...of, names: [...of.names, name] };
  return { kind: "fields", of, names: [name] };
}

function closingParenthesis(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== "mark") continue;
    if (token.text === "(") depth++;
    else if (token.text === ")" && --depth === 0) return at;
  }
  throw malformedTemplate("a parenthesis is not closed");
}

/** At the marks that stand outside of parentheses. */
function splitAt(tokens: readonly Token[], mark: "|"): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "mark" && token.text === "(") depth++;
    if (token.kind === "mark" && token.text === ")") depth--;
    if (token.kind === "mark" && token.text === mark && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
