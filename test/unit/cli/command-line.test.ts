import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandInput, CommandSpec, FlagValue } from "../../../src/cli/command.ts";
import { COMMAND_TABLE, findCommand, loadAllCommands } from "../../../src/cli/command-table.ts";
import { flagsOf } from "../../../src/cli/flags-of.ts";
import { GLOBAL_FLAGS } from "../../../src/cli/global-flags.ts";
import { parseCommandLine } from "../../../src/cli/parse-command-line.ts";
import { scanArguments } from "../../../src/cli/scan-arguments.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

/** What exec's specification has that matters to parsing. */
const EXEC: CommandSpec = {
  name: "exec",
  summary: "run a command",
  examples: [],
  args: [{ name: "container", meaning: "", required: true }],
  flags: [
    { name: "interactive", short: "i", type: "boolean", meaning: "" },
    { name: "tty", short: "t", type: "boolean", meaning: "" },
    { name: "env", short: "e", type: "string", repeat: true, meaning: "" },
    { name: "timeout", type: "integer", meaning: "" },
  ],
  stopAfterArgs: 1,
  group: "containers",
};

async function parse(line: readonly string[], env = {}): Promise<CommandInput> {
  const [verb = "", ...words] = line;
  const spec = verb === "exec" ? EXEC : (await findCommand(verb)?.load())?.spec;
  assert.ok(spec, `no verb ${verb}`);
  const scanned = scanArguments(words, {
    flags: flagsOf(spec),
    longOnly: GLOBAL_FLAGS,
    stopAfterArgs: spec.stopAfterArgs,
  });
  return await parseCommandLine(spec, scanned, env);
}

interface Understood {
  readonly line: string;
  readonly args?: CommandInput["args"];
  readonly flags?: Readonly<Record<string, FlagValue | undefined>>;
  readonly rest?: readonly string[];
}

const UNDERSTOOD: readonly Understood[] = [
  { line: "rm --all=false web", args: { container: ["web"] }, flags: { all: false } },
  { line: "rm -a=false web", args: { container: ["web"] }, flags: { all: false } },
  { line: "rm --all --all=false web", args: { container: ["web"] }, flags: { all: false } },
  { line: "rm -all", flags: { all: true } },
  { line: "rm web -f", args: { container: ["web"] }, flags: { force: true } },
  {
    line: "rm -fk a b",
    args: { container: ["a", "b"] },
    flags: { force: true, "keep-logs": true },
  },
  { line: "rm -- -f", args: { container: ["-f"] }, flags: { force: undefined } },
  { line: "rm -", args: { container: ["-"] } },
  { line: "ps -aq", flags: { all: true, quiet: true } },
  { line: "ps -qan 2", flags: { all: true, quiet: true, last: 2 } },
  { line: "ps -n5", flags: { last: 5 } },
  { line: "ps -n=5", flags: { last: 5 } },
  { line: "ps -output json", flags: { output: "json" } },
  { line: "ps -o=json", flags: { output: "json" } },
  { line: "ps -ojson", flags: { output: "json" } },
  { line: "ps --output=YAML", flags: { output: "yaml" } },
  { line: "ps", flags: { output: "table", all: undefined } },
  { line: "ps --label a=b --selector c=d", flags: { label: ["a=b", "c=d"] } },
  { line: "ps --name ^a,b$", flags: { name: "^a,b$" } },
  { line: "ps --name -q", flags: { name: "-q", quiet: undefined } },
  { line: "ps --name=--all", flags: { name: "--all", all: undefined } },
  { line: "ps --name x --name y", flags: { name: "y" } },
  { line: "inspect web -o yaml", args: { container: ["web"] }, flags: { output: "yaml" } },
  { line: "stop -t 0 web", args: { container: ["web"] }, flags: { timeout: 0 } },
  { line: "stop web --timeout 1m30s", flags: { timeout: 90_000 } },
  { line: "stop --timeout=5 web", flags: { timeout: 5000 } },
  { line: "pull -pt 3s x", args: { image: ["x"] }, flags: { "pull-timeout": 3000 } },
  { line: "exec ID ls -l --all", args: { container: "ID" }, rest: ["ls", "-l", "--all"] },
  { line: "exec ID -- ls", args: { container: "ID" }, rest: ["ls"] },
  { line: "exec -- ID ls", args: { container: "ID" }, rest: ["ls"] },
  { line: "exec -- ID -- ls", args: { container: "ID" }, rest: ["--", "ls"] },
  { line: "exec ID -- -- ls", rest: ["--", "ls"] },
  { line: "exec ID sh -c --help -h", rest: ["sh", "-c", "--help", "-h"] },
  {
    line: "exec -it -e A=1 -e B=2 ID sh",
    flags: { interactive: true, tty: true, env: ["A=1", "B=2"] },
  },
  { line: "exec --timeout 7 ID sh", flags: { timeout: 7 } },
];

const REFUSED: readonly { readonly line: readonly string[]; readonly says: RegExp }[] = [
  { line: ["rm", "--al", "x"], says: /unknown flag "--al".*did you mean --all/s },
  { line: ["rm", "--all=maybe"], says: /--all takes true or false, not "maybe"/ },
  { line: ["rm", "-fx", "a"], says: /unknown flag "-x" in "-fx"/ },
  { line: ["rm", "-fhx", "a"], says: /unknown flag "-x"/ },
  { line: ["ps", "extra"], says: /unexpected argument "extra"/ },
  { line: ["ps", "-n"], says: /-n needs a value/ },
  { line: ["ps", "-n", "two"], says: /--last: "two" is not a whole number/ },
  { line: ["ps", "-o", "xml"], says: /--output is one of table, wide, json, .*, not "xml"/ },
  { line: ["ps", "-D"], says: /-D for --debug goes before the command/ },
  { line: ["stop", "-t", "fast", "a"], says: /"fast" is not a duration/ },
  { line: ["stopp"], says: /stopp needs POD/ },
  { line: ["create", "a"], says: /create needs CONTAINER-CONFIG/ },
  { line: ["rm", ""], says: /CONTAINER is empty/ },
  { line: ["create", "a", "b", "c", "--no-pull", "--with-pull"], says: /no-pull|with-pull/ },
];

describe("a command line", () => {
  for (const { line, args = {}, flags = {}, rest } of UNDERSTOOD) {
    it(`understands: ${line}`, async () => {
      const input = await parse(line.split(" "));
      for (const [name, value] of Object.entries(args)) assert.deepEqual(input.args[name], value);
      for (const [name, value] of Object.entries(flags)) assert.deepEqual(input.flags[name], value);
      if (rest !== undefined) assert.deepEqual(input.rest, rest);
    });
  }

  for (const { line, says } of REFUSED) {
    it(`refuses: ${line.join(" ")}`, async () => {
      await assert.rejects(parse(line), (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, "InvalidArgument");
        const text = `${error.message}\n${error.hint ?? ""}`;
        assert.match(text, says);
        assert.ok(!error.message.includes("\n"), "one line");
        return true;
      });
    });
  }

  it("takes an absent flag from its variable, unless one was typed that excludes it", async () => {
    const env = { CRICTL_CREDS: "me:secret" };
    assert.equal((await parse(["pull", "x"], env)).flags.creds, "me:secret");
    assert.equal((await parse(["pull", "--creds", "you", "x"], env)).flags.creds, "you");
    const input = await parse(["pull", "--auth", "bWU=", "x"], env);
    assert.deepEqual([input.flags.creds, input.flags.auth], [undefined, "bWU="]);
  });
});

describe("the command table", () => {
  it("names each verb and alias as its specification does, and none twice", async () => {
    const commands = await loadAllCommands();
    const seen = new Set<string>();
    for (const [index, { spec }] of commands.entries()) {
      const entry = COMMAND_TABLE[index];
      assert.equal(entry?.name, spec.name);
      assert.deepEqual(entry?.aliases, spec.aliases ?? []);
      for (const name of [spec.name, ...(spec.aliases ?? [])]) {
        assert.ok(!seen.has(name), `${name} twice`);
        seen.add(name);
      }
    }
  });

  it("gives no verb two flags of one name or letter, and help to none", async () => {
    for (const { spec } of await loadAllCommands()) {
      const names = flagsOf(spec).flatMap((flag) => [flag.name, ...(flag.aliases ?? [])]);
      const letters = flagsOf(spec).flatMap((flag) => flag.short ?? []);
      assert.equal(new Set(names).size, names.length, spec.name);
      assert.equal(new Set(letters).size, letters.length, spec.name);
      assert.ok(!names.includes("help"), spec.name);
    }
  });
});
