import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadAllCommands } from "../../../src/cli/command-table.ts";
import { readShellWords } from "../../../src/cli/complete/read-shell-words.ts";
import { flagsOf } from "../../../src/cli/flags-of.ts";
import { GLOBAL_FLAGS } from "../../../src/cli/global-flags.ts";
import { parseRightLine } from "../../../src/cli/parse-command-line.ts";
import { renderCommandHelp } from "../../../src/cli/render-help.ts";
import { scanArguments } from "../../../src/cli/scan-arguments.ts";
import { expandScriptFlag } from "../../../src/cli/script-flag.ts";
import { enterSubcommand } from "../../../src/cli/subcommands.ts";
import { BUILTIN_TABLE } from "../../../src/repl/builtins/builtin-table.ts";
import { parseProgram } from "../../../src/repl/language/parse-program.ts";
import { memoryOutput } from "../../support/memory-session.ts";

const verbs = await loadAllCommands();
const commands = verbs.flatMap((verb) => [verb, ...(verb.subcommands ?? [])]);
const builtins = await Promise.all(BUILTIN_TABLE.map((entry) => entry.load()));

/** What of a line for sh crish gets: between `crish` and an operator. */
function wordsForCrish(line: string): readonly string[] {
  const given = /(?:^|[\s(])crish(\s.*?)?(?:\s[|<>]|\)|$)/.exec(line);
  assert.ok(given !== null, `${line}: no crish in it`);
  return expandScriptFlag(readShellWords(`${given[1] ?? ""} `).words);
}

describe("the examples of commands", () => {
  for (const { spec } of commands) {
    it(`of ${spec.name} are there and are right`, () => {
      assert.ok(spec.examples.length > 0);
      for (const { line, meaning } of spec.examples) {
        assert.notEqual(meaning, "");
        const globals = scanArguments(wordsForCrish(line), {
          flags: GLOBAL_FLAGS,
          stopAfterArgs: 1,
        });
        const verb = verbs.find((each) => each.spec.name === globals.positionals[0]);
        assert.ok(verb !== undefined && spec.name.split(" ")[0] === verb.spec.name, line);
        const meant = enterSubcommand({ command: verb, words: globals.rest });
        assert.ok(spec === verb.spec || spec === meant.command.spec, line);
        const scanned = scanArguments(meant.words, {
          flags: flagsOf(meant.command.spec),
          longOnly: GLOBAL_FLAGS,
          stopAfterArgs: meant.command.spec.stopAfterArgs,
        });
        assert.ok(parseRightLine(meant.command.spec, scanned, {}) !== undefined, line);
      }
    });

    for (const columns of [80, 120]) {
      it(`of ${spec.name} stand in its help, which fits ${columns} columns`, async () => {
        const command = commands.find((each) => each.spec === spec);
        assert.ok(command !== undefined);
        const help = await renderCommandHelp(command, memoryOutput([], { columns: () => columns }));
        for (const { line } of spec.examples) assert.ok(help.includes(line), line);
        const long = help.split("\n").filter((line) => line.length > columns);
        assert.deepEqual(long, []);
        assert.doesNotMatch(help, /undefined|\[object/);
      });
    }
  }

  for (const { spec } of builtins) {
    it(`of the shell's ${spec.name} are there and are right`, () => {
      assert.ok(spec.examples.length > 0);
      for (const { line } of spec.examples) {
        assert.equal(parseProgram(line).kind, "program", line);
      }
      const names = [spec.name, ...(spec.aliases ?? [])];
      const lines = spec.examples.map(({ line }) => line);
      assert.ok(
        lines.some((line) => names.some((name) => line.includes(name))),
        `${spec.name} is in none of its examples`,
      );
    });
  }
});
