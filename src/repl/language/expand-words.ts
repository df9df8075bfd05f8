import { StatusError } from "../../errors/status-error.ts";
import type { Part, VariablePart, WordToken } from "./token.ts";

/** What expansions are made of. */
export interface Values {
  readonly variables: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `$0`, `$1` and so on. */
  readonly parameters: readonly string[];
  /** `$?` */
  readonly status: number;
  /** Runs the source of a `$(…)`; resolves to what it wrote. */
  substitute(source: string): Promise<string>;
}

export interface ExpandedWords {
  readonly words: readonly string[];
  /** An expansion came to nothing, and its word vanished. */
  readonly hasVanished: boolean;
}

/** The words that a command gets. Throws InvalidArgument for a variable that is not set. */
export async function expandWords(
  tokens: readonly WordToken[],
  values: Values,
): Promise<ExpandedWords> {
  const words: string[] = [];
  let hasVanished = false;
  for (const token of tokens) {
    const fields = await expandWord(token, values);
    if (fields.length === 0) hasVanished = true;
    for (const field of fields) words.push(field);
  }
  return { words, hasVanished };
}

/** A word that must be one, as the name of a file. */
export async function expandToOne(token: WordToken, values: Values): Promise<string> {
  const [word, another] = await expandWord(token, values);
  if (word !== undefined && another === undefined) return word;
  throw new StatusError("InvalidArgument", "a redirection takes one file", {
    hint: 'quote the variable: > "$file"',
  });
}

async function expandWord(token: WordToken, values: Values): Promise<readonly string[]> {
  const fields: string[] = [];
  let current: string | undefined;
  const finish = () => {
    if (current !== undefined) fields.push(current);
    current = undefined;
  };
  for (const [index, part] of token.parts.entries()) {
    if (part.kind === "text") {
      const text = index === 0 ? withHome(part, token.parts, values) : part.text;
      if (text !== "" || part.quoted) current = (current ?? "") + text;
    } else if (part.quoted && part.kind === "variable" && part.name === "@") {
      for (const [at, parameter] of values.parameters.slice(1).entries()) {
        if (at > 0) finish();
        current = (current ?? "") + parameter;
      }
    } else {
      const value = await expandPart(part, values);
      if (part.quoted) {
        current = (current ?? "") + value;
        continue;
      }
      for (const [at, piece] of value.split(/[ \t\n]+/).entries()) {
        if (at > 0) finish();
        if (piece !== "") current = (current ?? "") + piece;
      }
    }
  }
  // "$@" without parameters is no word, although it is quoted.
  if (!(current === "" && isBareParameters(token, values))) finish();
  return fields;
}

function isBareParameters(token: WordToken, values: Values): boolean {
  if (values.parameters.length > 1 || token.parts.every(({ kind }) => kind === "text"))
    return false;
  return token.parts.every((part) =>
    part.kind === "text" ? part.text === "" : part.kind === "variable" && part.name === "@",
  );
}

function withHome(part: Part & { kind: "text" }, parts: readonly Part[], { env }: Values): string {
  const { text, quoted } = part;
  const isHome = text === "~" ? parts.length === 1 : text.startsWith("~/");
  return !quoted && isHome && env.HOME ? env.HOME + text.slice(1) : text;
}

async function expandPart(part: Exclude<Part, { kind: "text" }>, values: Values): Promise<string> {
  if (part.kind === "substitution") return await values.substitute(part.source);
  const { name, fallback } = part;
  const value = lookUp(name, values);
  if (fallback !== undefined) return value || fallback;
  if (value !== undefined) return value;
  throw notSet(part);
}

function lookUp(name: string, values: Values): string | undefined {
  const { parameters, status, variables, env } = values;
  if (name === "?") return String(status);
  if (name === "#") return String(parameters.length - 1);
  if (name === "@" || name === "*") return parameters.slice(1).join(" ");
  if (/^\d+$/.test(name)) return parameters[Number(name)];
  return variables.get(name) ?? env[name];
}

function notSet({ name }: VariablePart): StatusError {
  if (/^\d+$/.test(name)) {
    return new StatusError("InvalidArgument", `there is no argument $${name}`, {
      hint: `\${${name}:-DEFAULT} stands for one where it may be left out`,
    });
  }
  return new StatusError("InvalidArgument", `the variable "${name}" is not set`, {
    hint: `set ${name} VALUE, or set ${name} = COMMAND; quote it to pass it on: '$${name}'`,
  });
}
