import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandInput, CommandSpec } from "../../../src/cli/command.ts";
import { loadAllCommands } from "../../../src/cli/command-table.ts";
import { flagsOf } from "../../../src/cli/flags-of.ts";
import { GLOBAL_FLAGS } from "../../../src/cli/global-flags.ts";
import { parseRightLine } from "../../../src/cli/parse-command-line.ts";
import { parseWithOclif } from "../../../src/cli/parse-with-oclif.ts";
import { type ScannedArguments, scanArguments } from "../../../src/cli/scan-arguments.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { intendedLine, wildLine } from "../../support/random-command-line.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const LINES_OF_EACH_KIND = 20_000;

/** Everything that a specification can say, in one verb. */
const ALL_AT_ONCE: CommandSpec = {
  name: "wipe",
  summary: "wipe boxes",
  examples: [],
  args: [
    { name: "shelf", meaning: "", required: true },
    { name: "box", meaning: "", required: true, variadic: true, unless: ["all", "label"] },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", meaning: "", exclusive: ["label"] },
    { name: "allow", aliases: ["al"], type: "boolean", default: true, meaning: "" },
    { name: "label", short: "l", type: "string", repeat: true, env: "BOX_LABEL", meaning: "" },
    { name: "count", short: "n", type: "integer", default: 0, meaning: "" },
    { name: "wait", short: "w", type: "duration", default: 1000, meaning: "" },
    { name: "format", short: "o", type: "enum", values: ["table", "JSON"], meaning: "" },
    { name: "kind", type: "enum", values: ["big", "small"], repeat: true, meaning: "" },
    { name: "path", short: "p", type: "path", default: "", env: "BOX_PATH", meaning: "" },
  ],
  destroys: "wipe",
  group: "shell",
};

type Env = Readonly<Record<string, string>>;

async function everySpec(): Promise<CommandSpec[]> {
  const commands = await loadAllCommands();
  const below = commands.flatMap(({ subcommands = [] }) => subcommands);
  return [...[...commands, ...below].map(({ spec }) => spec), ALL_AT_ONCE];
}

function scan(spec: CommandSpec, words: readonly string[]): ScannedArguments | undefined {
  try {
    return scanArguments(words, {
      flags: flagsOf(spec),
      longOnly: GLOBAL_FLAGS.filter(({ name }) => name !== "help" && name !== "version"),
      stopAfterArgs: spec.stopAfterArgs,
    });
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return undefined;
  }
}

async function withOclif(
  spec: CommandSpec,
  scanned: ScannedArguments,
  env: Env,
): Promise<CommandInput | undefined> {
  try {
    return await parseWithOclif(spec, scanned, env);
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return undefined;
  }
}

/** Absent keys and prototypes apart: what run() can see. */
function seen(input: CommandInput | undefined): unknown {
  if (input === undefined) return undefined;
  const entries = (record: object) => Object.fromEntries(Object.entries(record));
  return { args: entries(input.args), flags: entries(input.flags), rest: input.rest };
}

interface Dangerous {
  readonly line: readonly string[];
  readonly env?: Env;
  /** What it means; undefined where both must refuse it. */
  readonly args?: CommandInput["args"];
  readonly flags?: CommandInput["flags"];
  readonly rest?: readonly string[];
}

/** Lines where a parser that is almost right removes everything, or runs something else. */
const DANGEROUS: readonly Dangerous[] = [
  { line: ["rm", "--all=false", "web"], args: { container: ["web"] }, flags: { all: false } },
  { line: ["rm", "-a=false", "web"], args: { container: ["web"] }, flags: { all: false } },
  { line: ["rm", "-all=0", "web"], args: { container: ["web"] }, flags: { all: false } },
  { line: ["rm", "--all", "--all=f", "web"], args: { container: ["web"] }, flags: { all: false } },
  { line: ["rm", "--all", "false"], args: { container: ["false"] }, flags: { all: true } },
  { line: ["rm", "--", "--all"], args: { container: ["--all"] }, flags: {} },
  { line: ["rm", "--", "-fa", "--"], args: { container: ["-fa", "--"] }, flags: {} },
  { line: ["rm", "web", "-f"], args: { container: ["web"] }, flags: { force: true } },
  { line: ["rm", "-fk=false", "web"], flags: { force: true, "keep-logs": false } },
  { line: ["rm", "web", ""] },
  { line: ["rm", "--no-all"] },
  { line: ["rm", "--all=no"] },
  { line: ["ps", "--name", "--all"], flags: { name: "--all", output: "table" } },
  { line: ["ps", "--name=-q"], flags: { name: "-q", output: "table" } },
  { line: ["ps", "--name", "--"], flags: { name: "--", output: "table" } },
  { line: ["ps", "--name="], flags: { name: "", output: "table" } },
  { line: ["ps", "--label", "", "--label", "-a"], flags: { label: ["", "-a"], output: "table" } },
  { line: ["ps", "-aqn2"], flags: { all: true, quiet: true, last: 2, output: "table" } },
  { line: ["ps", "-output", "JSON"], flags: { output: "json" } },
  { line: ["ps", "--last", "-1"], flags: { last: -1, output: "table" } },
  { line: ["ps", "--last", ""] },
  { line: ["ps", "--last", "0x10"] },
  {
    line: ["exec", "ID", "rm", "--all", "-rf", "--", "/"],
    rest: ["rm", "--all", "-rf", "--", "/"],
  },
  { line: ["exec", "-i", "ID", "--", "-t"], flags: { interactive: true }, rest: ["-t"] },
  { line: ["exec", "--", "ID", "--", "-t"], flags: {}, rest: ["--", "-t"] },
  { line: ["exec", "ID", "--", "--", "sh"], rest: ["--", "sh"] },
  { line: ["exec", "-s=true", "-i", "ID", "sh"] },
  { line: ["exec", "-s", "-i=false", "ID", "sh"], flags: { sync: true, interactive: false } },
  { line: ["stop", "-t", "-5", "web"], flags: { timeout: -5000 } },
  { line: ["stop", "-t0", "web"], flags: { timeout: 0 } },
  { line: ["stop", "-t", "", "web"] },
  {
    line: ["pull", "x"],
    env: { CRICTL_CREDS: "--auth" },
    args: { image: ["x"] },
    flags: { creds: "--auth" },
  },
  { line: ["pull", "--auth", "a", "x"], env: { CRICTL_CREDS: "c" }, flags: { auth: "a" } },
  { line: ["pull", "x"], env: { CRICTL_CREDS: "c", CRICTL_AUTH: "a" } },
  { line: ["pull", "x"], env: { CRICTL_PULL_TIMEOUT: "soon" } },
  { line: ["pull", "x"], env: { CRICTL_CREDS: "" }, flags: {} },
  { line: ["create", "p", "c", "s", "--no-pull", "--with-pull"] },
  { line: ["wipe", "s", "-a", "--label=x"] },
  { line: ["wipe", "s", "-a=false"] },
  { line: ["wipe", "-a", "--", "-y"], args: { shelf: "-y" } },
];

describe("the fast parser and oclif's", () => {
  for (const { line, env = {}, args, flags, rest } of DANGEROUS) {
    const isRight = args !== undefined || flags !== undefined || rest !== undefined;
    const shown = `${Object.keys(env).join(" ")} ${JSON.stringify(line)}`.trim();
    it(`${isRight ? "understand" : "refuse"} ${shown} alike`, async () => {
      const [verb, ...words] = line;
      const spec = (await everySpec()).find(({ name }) => name === verb);
      assert.ok(spec);
      const scanned = scan(spec, words);
      const fast = scanned && parseRightLine(spec, scanned, env);
      const oclif = scanned && (await withOclif(spec, scanned, env));
      assert.deepEqual(seen(fast), seen(oclif));
      assert.equal(fast !== undefined, isRight);
      if (args !== undefined) assert.deepEqual({ ...fast?.args }, args);
      const defaults = Object.fromEntries(
        spec.flags.flatMap((flag) =>
          flag.default === undefined ? [] : [[flag.name, flag.default]],
        ),
      );
      if (flags !== undefined) assert.deepEqual({ ...fast?.flags }, { ...defaults, ...flags });
      if (rest !== undefined) assert.deepEqual(fast?.rest, rest);
    });
  }

  it(`agree on ${LINES_OF_EACH_KIND} right lines of all verbs, with what was meant`, async () => {
    const random = seededRandom(1);
    const specs = await everySpec();
    for (let count = 0; count < LINES_OF_EACH_KIND; count++) {
      const spec = specs[count % specs.length] ?? ALL_AT_ONCE;
      const { words, env, meaning } = intendedLine(spec, random);
      const line = JSON.stringify([spec.name, ...words, env]);
      const scanned = scan(spec, words);
      assert.ok(scanned, line);
      assert.deepEqual(seen(parseRightLine(spec, scanned, env)), seen(meaning), line);
      assert.deepEqual(seen(await withOclif(spec, scanned, env)), seen(meaning), line);
    }
  });

  it(`agree on ${LINES_OF_EACH_KIND} wild lines of all verbs, or both refuse`, async () => {
    const random = seededRandom(2);
    const specs = await everySpec();
    const outcomes = { understood: 0, refused: 0, unsortable: 0 };
    for (let count = 0; count < LINES_OF_EACH_KIND; count++) {
      const spec = specs[count % specs.length] ?? ALL_AT_ONCE;
      const { words, env } = wildLine(spec, random);
      const scanned = scan(spec, words);
      if (scanned === undefined) {
        outcomes.unsortable++;
        continue;
      }
      const fast = parseRightLine(spec, scanned, env);
      const oclif = await withOclif(spec, scanned, env);
      assert.deepEqual(seen(fast), seen(oclif), JSON.stringify([spec.name, ...words, env]));
      outcomes[fast === undefined ? "refused" : "understood"]++;
    }
    for (const [outcome, count] of Object.entries(outcomes)) {
      assert.ok(count > LINES_OF_EACH_KIND / 20, `${outcome}: ${count}`);
    }
  });
});
