import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandSpec } from "../../../src/cli/command.ts";
import type { SpecEntry } from "../../../src/cli/complete/complete-words.ts";
import { completeLine } from "../../../src/repl/complete-line.ts";

const SPECS: readonly Partial<CommandSpec>[] = [
  {
    name: "logs",
    args: [{ name: "container", meaning: "", required: true }],
    object: "container",
    flags: [{ name: "stream", type: "enum", values: ["stdout", "stderr"], meaning: "" }],
  },
  {
    name: "runp",
    args: [{ name: "f", meaning: "", required: true, completion: "file" }],
    flags: [],
  },
];

const table: readonly SpecEntry[] = SPECS.map((spec) => ({
  name: spec.name ?? "",
  aliases: [],
  load: async () => ({ spec: { summary: "", examples: [], ...spec } as CommandSpec }),
}));

/** The caret is the cursor. Candidates as inserted, and the text that they replace. */
async function complete(line: string): Promise<[readonly string[], string]> {
  const cursor = line.indexOf("^");
  const text = line.replace("^", "");
  const { candidates, start } = await completeLine(text, cursor, {
    table,
    builtins: [],
    aliases: new Map([["ll", "logs --stream"]]),
    variables: ["ids", "pod"],
    candidates: async ({ kind, isProgram }) =>
      kind === "file" && isProgram === true
        ? [{ text: "grep" }, { text: "jq" }]
        : kind === "file"
          ? [{ text: "my dir/", isPartial: true }, { text: "pod.yaml" }]
          : ["db", "it's $1", "odd name"].map((text) => ({ text, note: "running" })),
  });
  return [candidates.map((candidate) => candidate.text), text.slice(start, cursor)];
}

const SET_WORDS = ["events ", "-e ", "+e ", "ids ", "pod "];

const CASES: readonly [title: string, line: string, expected: [string[], string]][] = [
  ["ends a word with a blank", "lo^", [["logs "], "lo"]],
  ["offers aliases", "l^", [["logs ", "ll "], "l"]],
  [
    "ends a value behind = with a blank",
    "logs --stream=stdo^",
    [["--stream=stdout "], "--stream=stdo"],
  ],
  [
    "guards what the shell would take apart",
    "logs ^",
    [["db ", "it\\'s\\ \\$1 ", "odd\\ name "], ""],
  ],
  ["goes on with a word that is guarded", "logs odd\\ n^", [["odd\\ name "], "odd\\ n"]],
  ["stays in single quotes", "logs 'odd n^", [["'odd name' "], "'odd n"]],
  ["guards a quote in single quotes", "logs 'it^", [["'it'\\''s $1' "], "'it"]],
  ["stays in double quotes", 'logs "it^', [['"it\'s \\$1" '], '"it']],
  ["leaves a directory open", "runp m^", [["my\\ dir/"], "m"]],
  ["leaves the quotes of a directory open", "runp 'm^", [["'my dir/"], "'m"]],
  ["completes before the cursor", "logs d^ --stream=stdout", [["db "], "d"]],
  ["completes what an alias stands for", "ll stdo^", [["stdout "], "stdo"]],
  ["completes behind an operator", "runp x && lo^", [["logs "], "lo"]],
  ["completes inside $(…)", "runp $(logs d^", [["db "], "d"]],
  ["completes variables", "logs $i^", [["ids"], "i"]],
  ["completes files behind >", "logs db > p^", [["pod.yaml "], "p"]],
  ["completes files behind a pipe", "logs db | grep x p^", [["pod.yaml "], "p"]],
  ["completes programs behind a pipe", "logs db | gr^", [["grep "], "gr"]],
  ["completes programs behind !", "!j^", [["jq "], "j"]],
  [
    "completes programs of a later command of sh",
    "logs db | while read x; do gr^",
    [["grep "], "gr"],
  ],
  ["completes files behind a program", "!cat p^", [["pod.yaml "], "p"]],
  ["offers settings, names and options of set", "set ^", [SET_WORDS, ""]],
  ["offers the values of a setting", "set events ^", [["on ", "off "], ""]],
  ["completes the value of a setting", "set events of^", [["off "], "of"]],
  ["offers no further value", "set events off ^", [[], ""]],
  ["offers no value of any other variable", "set pod ^", [[], ""]],
  ["completes the command whose output is kept", "set pod = lo^", [["logs "], "lo"]],
  ["completes variables to forget, each once", "unset ids ^", [["pod "], ""]],
  ["completes aliases to forget, and to list", "unalias l^", [["ll "], "l"]],
  ["completes aliases to list", "alias ^", [["ll "], ""]],
  ["is silent in a comment", "logs # d^", [[], ""]],
];

describe("completing a line", () => {
  for (const [title, line, expected] of CASES) {
    it(title, async () => assert.deepEqual(await complete(line), expected));
  }
});
