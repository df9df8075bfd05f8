import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command, CommandSpec } from "../../../src/cli/command.ts";
import type { CommandEntry } from "../../../src/cli/command-table.ts";
import { completeLine } from "../../../src/repl/complete-line.ts";

const SPECS: readonly Partial<CommandSpec>[] = [
  {
    name: "logs",
    args: [{ name: "container", meaning: "", required: true }],
    object: "container",
    flags: [
      { name: "follow", short: "f", type: "boolean", meaning: "" },
      { name: "tail", type: "integer", meaning: "" },
      { name: "stream", short: "s", type: "enum", values: ["stdout", "stderr"], meaning: "" },
    ],
  },
  {
    name: "exec",
    args: [{ name: "container", meaning: "", required: true }],
    object: "container",
    stopAfterArgs: 1,
    flags: [{ name: "tty", short: "t", type: "boolean", meaning: "" }],
  },
  {
    name: "rm",
    aliases: ["remove"],
    args: [{ name: "containers", meaning: "", required: true, variadic: true }],
    object: "container",
    flags: [{ name: "pod", short: "p", type: "string", completion: "pod", meaning: "" }],
  },
  { name: "version", args: [], flags: [] },
];

const table: readonly CommandEntry[] = SPECS.map((spec) => ({
  name: spec.name ?? "",
  aliases: spec.aliases ?? [],
  load: async () => ({ spec, run: async () => 0 }) as unknown as Command,
}));

const KNOWN: Record<string, readonly string[]> = {
  container: ["web", "web-2", "db", "0123456789abc"],
  pod: ["shop", "odd name"],
};

function complete(text: string) {
  return completeLine(text, {
    table,
    builtins: ["exit"],
    candidates: async (kind) => (typeof kind === "string" ? (KNOWN[kind] ?? []) : kind.values),
  });
}

const CASES: readonly [title: string, text: string, expected: [string[], string]][] = [
  [
    "offers commands and the shell's own words",
    "",
    [["exec", "exit", "logs", "rm", "version"], ""],
  ],
  ["finishes a command with a blank", "ver", [["version "], "ver"]],
  ["offers the flags of the verb", "logs --", [["--follow", "--help", "--stream", "--tail"], "--"]],
  ["offers the verb's objects", "logs ", [["0123456789abc", "db", "web", "web-2"], ""]],
  ["finishes a name", "logs d", [["db "], "d"]],
  ["offers what several names begin with", "logs -f w", [["web", "web-2"], "w"]],
  ["offers the values of a flag", "logs -s ", [["stderr", "stdout"], ""]],
  [
    "offers the values of a flag behind =",
    "logs --stream=stde",
    [["--stream=stderr "], "--stream=stde"],
  ],
  ["offers objects of the kind that a flag wants", "rm -p sh", [["shop "], "sh"]],
  ["quotes a candidate that needs it where nothing is typed of it", "rm --pod odd", [[], "odd"]],
  ["offers nothing for a flag whose values it does not know", "logs --tail ", [[], ""]],
  ["offers nothing more once a verb has what it takes", "logs web ", [[], ""]],
  ["goes on offering to a verb that takes several", "remove web d", [["db "], "d"]],
  ["leaves the command of exec alone", "exec web --t", [[], "--t"]],
  ["offers flags before the command of exec", "exec --t", [["--tty "], "--t"]],
  ["looks past global flags", "-r unix:///x -D ver", [["version "], "ver"]],
  ["offers global flags before the verb", "--runt", [["--runtime-endpoint "], "--runt"]],
  ["offers the verbs to help", "help lo", [["logs "], "lo"]],
  ["is silent inside quotes", "logs 'w", [[], ""]],
  ["is silent in a comment", "ps # lo", [[], ""]],
  ["is silent for an unknown command", "nothing x", [[], "x"]],
];

describe("completing a line", () => {
  for (const [title, text, expected] of CASES) {
    it(title, async () => assert.deepEqual(await complete(text), expected));
  }
});
