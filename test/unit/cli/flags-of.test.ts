import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommandInput, CommandSpec } from "../../../src/cli/command.ts";
import { flagsOf } from "../../../src/cli/flags-of.ts";
import { parseCommandLine } from "../../../src/cli/parse-command-line.ts";
import { scanArguments } from "../../../src/cli/scan-arguments.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

const WIPE: CommandSpec = {
  name: "wipe",
  summary: "wipe boxes",
  examples: [],
  args: [
    { name: "box", meaning: "", required: true, variadic: true, unless: ["all", "empty", "label"] },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", meaning: "" },
    { name: "empty", type: "boolean", meaning: "" },
    { name: "label", type: "string", env: "BOX_LABEL", meaning: "" },
  ],
  destroys: "wipe",
  group: "shell",
};

async function parse(words: readonly string[], env = {}): Promise<CommandInput> {
  return await parseCommandLine(WIPE, scanArguments(words, { flags: flagsOf(WIPE) }), env);
}

describe("what a specification implies", () => {
  it("gives a verb that destroys the flags -y, --yes and --dry-run", async () => {
    const { flags } = await parse(["-y", "--dry-run", "one"]);
    assert.equal(flags.yes, true);
    assert.equal(flags["dry-run"], true);
    assert.equal((await parse(["--yes=false", "one"])).flags.yes, false);
  });

  it("leaves the flags of other verbs as they are listed", () => {
    const { destroys: _, ...harmless } = WIPE;
    assert.equal(flagsOf(harmless), WIPE.flags);
  });

  it("wants no argument where a flag stands in for it, typed or from its variable", async () => {
    assert.equal((await parse(["-a"])).args.box, undefined);
    assert.equal((await parse(["--label", "x"])).flags.label, "x");
    assert.equal((await parse([], { BOX_LABEL: "x" })).flags.label, "x");
  });

  it("names the argument and its stand-ins where all are missing", async () => {
    for (const words of [[], ["--all=false"], ["--dry-run"]]) {
      await assert.rejects(parse(words), (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, "InvalidArgument");
        assert.equal(error.message, "wipe needs BOX, --all, --empty or --label");
        return true;
      });
    }
  });
});
