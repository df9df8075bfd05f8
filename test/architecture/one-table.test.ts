import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { renderPage } from "../../scripts/man/page.ts";
import { verbPage } from "../../scripts/man/verb-page.ts";
import type { Command, CommandInput } from "../../src/cli/command.ts";
import { COMMAND_TABLE, type CommandEntry } from "../../src/cli/command-table.ts";
import { completeWords } from "../../src/cli/complete/complete-words.ts";
import type { DefaultObjects, Session } from "../../src/cli/context.ts";
import type { PickRequest } from "../../src/cli/pick-request.ts";
import { runCommand } from "../../src/cli/run-command.ts";
import { fakeBackend, fakeContainer, fakePod } from "../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../support/memory-session.ts";

const web = fakePod({ name: "web" });
const running = fakeContainer({ name: "running", podSandboxId: web.id, state: 1 });
const ended = fakeContainer({ name: "ended", podSandboxId: web.id, state: 2 });

/** A verb that is in no table of the product: all that is known of it is its specification. */
const inputs: CommandInput[] = [];
const poke: Command = {
  spec: {
    name: "poke",
    aliases: ["prod"],
    summary: "poke containers that run",
    examples: [{ line: "crish poke --gently web", meaning: "without waking it" }],
    args: [
      {
        name: "container",
        meaning: "ID, unique prefix or name",
        required: true,
        unless: ["all"],
        variadic: true,
        completion: "container",
      },
    ],
    flags: [
      { name: "gently", short: "g", type: "boolean", meaning: "do not wake it" },
      { name: "all", short: "a", type: "boolean", meaning: "all that run" },
      { name: "tool", type: "enum", values: ["stick", "spoon"], meaning: "what to use" },
      { name: "pod", type: "string", meaning: "only here", completion: "pod", fromContext: "pod" },
    ],
    object: "container",
    objectStates: ["running"],
    destroys: "poke",
    group: "containers",
  },
  async run(_context, input) {
    inputs.push(input);
    return 0;
  },
  subcommands: [
    {
      spec: {
        name: "poke all-night",
        aliases: ["an"],
        summary: "poke until the morning",
        examples: [{ line: "crish poke all-night --until 6 web", meaning: "not longer" }],
        args: [{ name: "who", meaning: "whom", required: true, completion: "file" }],
        flags: [{ name: "until", type: "integer", meaning: "the hour" }],
        group: "containers",
      },
      async run(_context, input) {
        inputs.push(input);
        return 3;
      },
    },
  ],
};

const table: readonly CommandEntry[] = [
  ...COMMAND_TABLE,
  { name: "poke", aliases: ["prod"], load: async () => poke },
];

async function crish(line: string, overrides: Partial<Session> = {}) {
  inputs.length = 0;
  const backend = fakeBackend({ pods: [web], containers: [running, ended] });
  const { session, out, err } = memorySession(backend, overrides);
  const status = await runCommand(line.split(" "), session, table);
  return { status, out: out(), err: err(), input: inputs[0] };
}

async function complete(words: readonly string[], current: string) {
  const asked: unknown[] = [];
  const found = await completeWords({
    words,
    current,
    table,
    candidates: async ({ kind, states }) => {
      asked.push([kind, states]);
      return [{ text: "from-the-runtime" }];
    },
  });
  return { texts: found.map(({ text }) => text), asked };
}

describe("a verb that is only a specification and a function", () => {
  it("is parsed, by its name and its alias", async () => {
    const { status, input } = await crish("prod -g --tool=spoon running");
    assert.equal(status, 0);
    assert.deepEqual(input?.args, { container: ["running"] });
    assert.deepEqual(input?.flags, { gently: true, tool: "spoon" });
  });

  it("has the flags that follow from what it destroys", async () => {
    const { input } = await crish("poke -y --dry-run running");
    assert.deepEqual(input?.flags, { yes: true, "dry-run": true });
  });

  it("is refused with the reason where the line is wrong", async () => {
    assert.match((await crish("poke")).err, /poke needs CONTAINER or --all/);
    assert.match((await crish("poke --tool=fork x")).err, /fork/);
    assert.match((await crish("poke --gentle x")).err, /did you mean --gently/);
    assert.match((await crish("pokee x")).err, /did you mean poke/);
  });

  it("is in the list of commands and has a help of its own", async () => {
    assert.match((await crish("help")).out, /poke, prod +poke containers that run/);
    const own = (await crish("poke --help")).out;
    for (const part of ["--gently", "--dry-run", "--tool", "crish poke --gently web"]) {
      assert.ok(own.includes(part), part);
    }
  });

  it("has a manual page", () => {
    const text = renderPage(verbPage(poke, [poke.spec]));
    for (const part of ["poke containers that run", "gently", "dry-run", "spoon"]) {
      assert.ok(text.includes(part), part);
    }
  });

  it("is completed: its name, flags, values and objects", async () => {
    assert.deepEqual((await complete([], "po")).texts.includes("poke"), true);
    assert.deepEqual((await complete(["poke"], "--ge")).texts, ["--gently"]);
    assert.deepEqual((await complete(["poke"], "--dry")).texts, ["--dry-run"]);
    assert.deepEqual((await complete(["poke", "--tool"], "")).texts, ["stick", "spoon"]);
    const { texts, asked } = await complete(["prod"], "");
    assert.deepEqual(
      [texts, asked],
      [["all-night", "from-the-runtime"], [["container", ["running"]]]],
    );
  });

  it("has its object chosen on a terminal", async () => {
    const requests: PickRequest[] = [];
    const { input } = await crish("poke", {
      stdin: memoryInput({ isTty: true }),
      stderr: memoryOutput([], { isTty: true, canRedraw: true }),
      pick: async (request) => {
        requests.push(request);
        return request.choices.map(({ value }) => value);
      },
    });
    assert.deepEqual(input?.args, { container: [running.id] });
    assert.deepEqual(
      requests.map(({ several }) => several),
      [true],
    );
  });

  it("acts on what the shell's context holds", async () => {
    const inUse = (container: string | undefined): DefaultObjects => ({
      pod: web.id,
      container,
      nameOf: (kind) => kind,
      verify: async () => {},
    });
    const one = await crish("poke", { defaultObjects: inUse(running.id) });
    assert.deepEqual(one.input?.args, { container: [running.id] });
    const all = await crish("poke --all", { defaultObjects: inUse(undefined) });
    assert.deepEqual(all.input?.flags, { all: true });
  });
});

describe("a command behind a verb", () => {
  it("is parsed by its own specification, by name and alias, behind global flags alone", async () => {
    for (const line of ["poke all-night --until 6 web", "prod --debug an web --until 6"]) {
      const { status, input } = await crish(line);
      assert.equal(status, 3, line);
      assert.deepEqual(input, { args: { who: "web" }, flags: { until: 6 }, rest: [] });
    }
  });

  it("is an object of the verb behind `--` and behind the verb's own flags", async () => {
    for (const line of ["poke -- all-night", "poke -g all-night", "poke web all-night"]) {
      const { status, input } = await crish(line);
      assert.equal(status, 0, line);
      assert.ok([input?.args.container].flat().includes("all-night"), line);
    }
  });

  it("is refused with a reason of its own", async () => {
    const { status, err } = await crish("poke all-night --until dawn web");
    assert.equal(status, 2);
    assert.match(err, /--until: "dawn".*\nhint: see crish poke all-night --help/);
  });

  it("has help, beside the verb's and in it", async () => {
    const { out } = await crish("poke all-night --help");
    assert.match(out, /^Poke until the morning[\s\S]*\$ crish poke all-night \[FLAGS\] WHO/);
    assert.equal((await crish("help poke all-night")).out, out);
    assert.equal((await crish("--help poke an")).out, out);
    assert.match((await crish("h poke")).out, /COMMANDS\n {2}poke all-night, an {2}poke until/);
  });

  it("is completed with its flags and arguments", async () => {
    assert.ok((await complete(["poke"], "")).texts.includes("all-night"));
    assert.deepEqual((await complete(["poke", "all-night"], "--u")).texts, ["--until"]);
    assert.deepEqual((await complete(["poke", "an"], "")).asked, [["file", undefined]]);
    assert.ok(!(await complete(["poke", "-g"], "")).texts.includes("all-night"));
  });

  it("is in the manual's page of the verb", () => {
    const text = renderPage(verbPage(poke, [poke.spec]));
    assert.match(text, /\.Sh COMMANDS\n\.Ss poke all-night[\s\S]*Fl \\-until/);
  });
});
