import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandSpec } from "../../../src/cli/command.ts";
import type { Candidate, WantedValue } from "../../../src/cli/complete/candidate.ts";
import { completeWords, type SpecEntry } from "../../../src/cli/complete/complete-words.ts";

const container = { name: "container", meaning: "", required: true } as const;

const SPECS: readonly Partial<CommandSpec>[] = [
  {
    name: "logs",
    summary: "print the log",
    args: [container],
    object: "container",
    flags: [
      { name: "follow", short: "f", type: "boolean", meaning: "wait for more" },
      { name: "previous", short: "p", type: "boolean", meaning: "", exclusive: ["follow"] },
      { name: "tail", type: "integer", meaning: "" },
      { name: "label", aliases: ["selector"], type: "string", repeat: true, meaning: "" },
      { name: "stream", short: "s", type: "enum", values: ["stdout", "stderr"], meaning: "" },
      { name: "secret", type: "string", hidden: true, meaning: "" },
    ],
  },
  {
    name: "exec",
    args: [container],
    object: "container",
    objectStates: ["running"],
    stopAfterArgs: 1,
    restCompletion: "container-path",
    flags: [
      { name: "tty", short: "t", type: "boolean", meaning: "" },
      { name: "workdir", short: "w", type: "string", completion: "container-path", meaning: "" },
    ],
  },
  {
    name: "rm",
    aliases: ["remove"],
    args: [{ ...container, variadic: true }],
    object: "container",
    destroys: "remove",
    flags: [
      { name: "pod", short: "p", type: "string", completion: "pod", meaning: "" },
      { name: "all", short: "a", type: "boolean", meaning: "" },
    ],
  },
  { name: "runp", args: [{ ...container, completion: "file" }], flags: [] },
  { name: "secret", hidden: true, args: [], flags: [] },
];

const BUILTINS: readonly Partial<CommandSpec>[] = [
  { name: "time", args: [], flags: [], stopAfterArgs: 0, restCompletion: "verb" },
];

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  container: ["web", "web-2", "db"],
  pod: ["shop", "odd name"],
  file: ["pod.yaml", "etc/"],
  "container-path": ["/bin/", "/etc/", "sh"],
  endpoint: ["embedded:"],
};

function entries(specs: readonly Partial<CommandSpec>[]): readonly SpecEntry[] {
  return specs.map((spec) => ({
    name: spec.name ?? "",
    aliases: spec.aliases ?? [],
    load: async () => ({ spec: { summary: "", examples: [], ...spec } as CommandSpec }),
  }));
}

interface Answer {
  readonly texts: readonly string[];
  readonly found: readonly Candidate[];
  readonly asked: readonly WantedValue[];
}

/** The last word of the line is the current one. */
async function complete(line: string, more: { container?: string } = {}): Promise<Answer> {
  const words = line.split(" ");
  const asked: WantedValue[] = [];
  const found = await completeWords({
    words: words.slice(0, -1),
    current: words.at(-1) ?? "",
    table: entries(SPECS),
    builtins: entries(BUILTINS),
    defaultObjects: more,
    candidates: async (wanted) => {
      asked.push(wanted);
      const kind = typeof wanted.kind === "string" ? wanted.kind : "values";
      return (KNOWN[kind] ?? []).map((text) => ({ text }));
    },
  });
  return { texts: found.map(({ text }) => text), found, asked };
}

const CASES: readonly [title: string, line: string, expected: readonly string[]][] = [
  [
    "offers verbs, the shell's commands and help",
    "",
    ["time", "logs", "exec", "rm", "runp", "help"],
  ],
  ["offers verbs behind global flags", "-r unix:///x -D lo", ["logs"]],
  ["takes a verb's name for the value of a flag where it is one", "-r logs lo", ["logs"]],
  ["offers global flags before the verb", "--runt", ["--runtime-endpoint"]],
  [
    "offers global flags behind the verb by their long names",
    "logs --runt",
    ["--runtime-endpoint"],
  ],
  ["offers no letters of global flags behind the verb", "runp -D", []],
  ["offers letters where one dash is typed", "exec -t", ["-t"]],
  ["offers files to -f", "-f p", ["pod.yaml"]],
  ["offers no verbs behind the script of -f", "-f pod.yaml lo", []],
  ["offers endpoints to -r", "-r ", ["embedded:"]],
  [
    "offers endpoints to the flag behind the verb",
    "logs --runtime-endpoint=e",
    ["--runtime-endpoint=embedded:"],
  ],
  ["offers colours", "--color ", ["auto", "always", "never"]],
  ["offers the values of a short flag", "logs -s ", ["stdout", "stderr"]],
  ["offers the values behind letters in one word", "logs -fs ", ["stdout", "stderr"]],
  ["offers values behind =", "logs --stream=stde", ["--stream=stderr"]],
  ["offers values behind = of a letter", "logs -s=stde", ["-s=stderr"]],
  ["takes Go's long form with one dash", "logs -stream ", ["stdout", "stderr"]],
  ["offers true and false behind = of a boolean", "rm --all=", ["--all=true", "--all=false"]],
  ["offers nothing for a number", "logs --tail ", []],
  ["offers no flag twice", "logs --follow --fo", []],
  ["offers no flag twice by its letter", "logs -f --fo", []],
  ["offers again a flag that repeats", "logs --label a=b --lab", ["--label"]],
  ["offers no flag that another excludes", "logs --follow --pre", []],
  ["offers no flag that excludes another", "logs -p --fo", []],
  ["offers a flag whose opposite is switched off", "logs --follow=false --pre", ["--previous"]],
  ["hides hidden flags", "logs --sec", []],
  ["hides hidden verbs", "sec", []],
  ["offers --help", "logs --he", ["--help"]],
  ["offers the flags that follow from the specification", "rm --dry", ["--dry-run"]],
  ["offers no flags behind --", "rm -- -", []],
  ["offers objects behind --", "rm -- d", ["db"]],
  ["finds a verb by its alias", "remove d", ["db"]],
  ["offers nothing more once a verb has what it takes", "logs web ", []],
  ["goes on with a verb that takes several", "rm web d", ["db"]],
  ["offers files", "runp p", ["pod.yaml"]],
  ["offers files behind = of a path", "--config=p", ["--config=pod.yaml"]],
  ["offers a container's paths to the command of exec", "exec web /e", ["/etc/"]],
  ["offers a container's paths behind the command of exec", "exec web ls --all /e", ["/etc/"]],
  ["offers no flags of its own behind the command of exec", "exec web ls --t", []],
  ["offers verbs to help", "help lo", ["logs"]],
  ["completes the command that another one runs", "time logs --fol", ["--follow"]],
  ["completes the verb that another one runs", "time lo", ["logs"]],
  ["is silent for an unknown verb", "nothing x", []],
  ["is silent for the value of an unknown flag", "logs --nothing=", []],
];

describe("completing words", () => {
  for (const [title, line, expected] of CASES) {
    it(title, async () => assert.deepEqual((await complete(line)).texts, expected));
  }

  it("says what a verb and a flag mean", async () => {
    assert.deepEqual((await complete("lo")).found, [{ text: "logs", note: "print the log" }]);
    assert.deepEqual((await complete("logs --fo")).found, [
      { text: "--follow", note: "wait for more" },
    ]);
  });

  it("asks for objects in the states in which the verb can act, without those given", async () => {
    assert.deepEqual((await complete("exec ")).asked[0]?.states, ["running"]);
    assert.deepEqual((await complete("rm web db ")).asked[0]?.given, ["web", "db"]);
    assert.deepEqual((await complete("rm --pod ")).asked[0]?.given, []);
  });

  it("asks for the paths of the container that the line names", async () => {
    const [program] = (await complete("exec -t web s")).asked;
    assert.deepEqual([program?.container, program?.isProgram], ["web", true]);
    const [path] = (await complete("exec web -- ls s")).asked;
    assert.deepEqual([path?.container, path?.isProgram], ["web", false]);
  });

  it("offers the command of exec at once in the context of a container", async () => {
    const { texts, asked } = await complete("exec ", { container: "db" });
    assert.deepEqual(texts, ["web", "web-2", "db", "/bin/", "/etc/", "sh"]);
    assert.deepEqual(
      asked.map((wanted) => wanted.container),
      [undefined, "db"],
    );
  });

  it("drops what a terminal would obey", async () => {
    const found = await completeWords({
      words: ["logs"],
      current: "",
      table: entries(SPECS),
      candidates: async () => [{ text: "a\u001b[2Jb" }, { text: "a\nb" }, { text: "fine" }],
    });
    assert.deepEqual(found, [{ text: "fine" }]);
  });
});
