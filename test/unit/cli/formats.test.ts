import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "../../../src/cli/command.ts";
import { loadAllCommands } from "../../../src/cli/command-table.ts";

const EVERY = ["json", "yaml", "jsonl", "go-template", "jsonpath"];
/** Of verbs that print a list. */
const LISTS = [
  ...["ps", "pods", "images", "stats", "statsp", "top"],
  ...["pid", "whois", "history", "metricsp", "metricdescs"],
  ...["config", "context", "context list"],
];
const LIST_FLAGS = ["columns", "no-headers", "template"];
/** Of verbs that print a document or several. */
const DOCUMENTS = [
  ...["inspect", "inspectp", "inspecti", "info", "version", "imagefsinfo", "runtime-config"],
  ...["tree", "doctor", "events"],
];
/** What such a verb prints has one form for reading at least, but for these. */
const WITHOUT_TABLE = ["context show", "wait", "generate"];
/** Formats are of another kind here: what apply would do, lines of logs, a file to write. */
const OF_THEIR_OWN = ["apply", "logs", "save", "bundle"];

const commands = (await loadAllCommands()).flatMap((command: Command): readonly Command[] => [
  command,
  ...(command.subcommands ?? []),
]);

function formatsOf(name: string): readonly string[] {
  const flag = find(name).spec.flags.find((each) => each.name === "output");
  return flag?.values ?? [];
}

function find(name: string): Command {
  const command = commands.find(({ spec }) => spec.name === name);
  assert.ok(command, `there is no ${name}`);
  return command;
}

describe("the formats of a verb", () => {
  for (const name of LISTS) {
    it(`${name} has all those of a list, with columns, order and titles`, () => {
      const formats = formatsOf(name);
      for (const format of ["table", "wide", "name", "custom-columns", ...EVERY]) {
        assert.ok(formats.includes(format), format);
      }
      const { flags } = find(name).spec;
      const names = flags.flatMap((flag) => [flag.name, ...(flag.aliases ?? [])]);
      for (const flag of [...LIST_FLAGS, "sort-by"]) assert.ok(names.includes(flag), flag);
    });
  }

  for (const name of [...DOCUMENTS, ...WITHOUT_TABLE]) {
    it(`${name} has those of a document`, () => {
      const wanted = WITHOUT_TABLE.includes(name) ? EVERY : ["table", ...EVERY];
      for (const format of wanted) assert.ok(formatsOf(name).includes(format), format);
    });
  }

  it("are known here for every verb that has --output", () => {
    const known = [...LISTS, ...DOCUMENTS, ...WITHOUT_TABLE, ...OF_THEIR_OWN];
    const having = commands.filter(({ spec }) => spec.flags.some(({ name }) => name === "output"));
    assert.deepEqual(having.map(({ spec }) => spec.name).sort(), known.sort());
  });

  it("give way to IDs or names alone with -q", () => {
    for (const name of LISTS.filter((each) => !["top", "config"].includes(each))) {
      if (name.startsWith("metric")) continue;
      assert.ok(
        find(name).spec.flags.some(({ short }) => short === "q"),
        name,
      );
    }
  });

  it("are completed by columns that the list has", () => {
    for (const name of LISTS) {
      const flag = find(name).spec.flags.find((each) => each.name === "columns");
      assert.ok(typeof flag?.completion === "object" && "values" in flag.completion);
    }
  });
});
