import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Command, FlagSpec, FlagValue } from "../../../src/cli/command.ts";
import { findCommand } from "../../../src/cli/command-table.ts";
import { convertFlagValue } from "../../../src/cli/convert-flag-value.ts";
import { CRICTL_TABLE } from "../../../src/cli/crictl/crictl-table.ts";
import { flagsOf } from "../../../src/cli/flags-of.ts";
import { ALL_GLOBAL_FLAGS } from "../../../src/cli/global-flags.ts";
import { scanArguments } from "../../../src/cli/scan-arguments.ts";
import { findSubcommand } from "../../../src/cli/subcommands.ts";
import { explainSettings } from "../../../src/config/load-settings.ts";

/** crictl's commands and flags, as observed of it: test/fixtures/crictl/commands.json. */
interface CrictlCommand {
  readonly command: string;
  readonly aliases: readonly string[];
  readonly flags: readonly CrictlFlag[];
  readonly env?: Readonly<Record<string, string>>;
}

interface CrictlFlag {
  readonly name: string;
  readonly short: string | null;
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly env?: string;
}

const commands = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../fixtures/crictl/commands.json"), "utf8"),
) as readonly CrictlCommand[];

describe("crictl's command line", () => {
  it("is known whole: 40 entries with 221 flags", () => {
    assert.equal(commands.length, 40);
    assert.equal(commands.flatMap(({ flags }) => flags).length, 221);
  });

  for (const command of commands) {
    const names = [command.command, ...command.aliases];
    for (const name of names.filter(
      (each) => each !== "(global)" && each !== "help" && each !== "h",
    )) {
      it(`has "${name}" here as well`, async () => {
        assert.ok((await commandNamed(name)) !== undefined);
      });
    }

    for (const flag of command.flags.filter(({ name }) => name !== "--help")) {
      it(`${command.command}: ${flag.name} is taken in every form, with its value`, async () => {
        const known = await flagsFor(command.command);
        for (const form of formsOf(flag)) {
          for (const words of spellings(form, flag)) {
            const scanned = scanArguments(words, { flags: known });
            const [spec, typed] = [...scanned.values][0] ?? [];
            assert.ok(spec !== undefined, words.join(" "));
            assert.deepEqual(scanned.positionals, [], words.join(" "));
            assert.deepEqual(
              convertFlagValue(spec, typed?.at(-1) ?? ""),
              expected(flag, spec),
              words.join(" "),
            );
            // Long or short, it is one and the same flag.
            assert.ok(namesOf(spec).includes(long(flag)), spec.name);
          }
        }
      });
    }
  }

  const variables = commands.flatMap(({ command, flags }) =>
    flags.flatMap((flag) =>
      flag.env === undefined ? [] : [{ command, flag, variable: flag.env }],
    ),
  );
  for (const { command, flag, variable } of variables) {
    it(`${command}: ${variable} stands for ${flag.name}`, async () => {
      if (command !== "(global)") {
        const spec = (await flagsFor(command)).find((each) => namesOf(each).includes(long(flag)));
        assert.equal(spec?.env, variable);
        return;
      }
      const env = { [variable]: variable === "CRI_CONFIG_FILE" ? "/dev/null" : "unix:///x.sock" };
      const explained = await explainSettings({ flags: {}, env, defaultFile: "/dev/null" });
      const sources = Object.values(explained).map(({ source }) => source.name);
      assert.ok(sources.includes(variable), sources.join());
    });
  }
});

async function commandNamed(name: string): Promise<Command | undefined> {
  const [verb = "", ...below] = name.split(" ");
  const command = await findCommand(verb, CRICTL_TABLE)?.load();
  if (command === undefined || below.length === 0) return command;
  return findSubcommand(command, below[0]);
}

async function flagsFor(name: string): Promise<readonly FlagSpec[]> {
  if (name === "(global)") return ALL_GLOBAL_FLAGS;
  const command = await commandNamed(name);
  return command === undefined ? [] : flagsOf(command.spec);
}

function long({ name }: CrictlFlag): string {
  return name.replace(/^--/, "");
}

function namesOf({ name, aliases = [] }: FlagSpec): readonly string[] {
  return [name, ...aliases];
}

/** `--output`, `-output`, `-o` and what else it is called. */
function formsOf(flag: CrictlFlag): readonly string[] {
  const names = [flag.name, ...(flag.aliases ?? [])];
  const goForms = names.filter((name) => /^--..+/.test(name)).map((name) => name.slice(1));
  return [...new Set([...names, ...goForms, ...(flag.short === null ? [] : [flag.short])])];
}

function spellings(form: string, flag: CrictlFlag): readonly (readonly string[])[] {
  if (flag.type.startsWith("bool")) return [[form], [`${form}=true`], [`${form}=1`]];
  const value = sample(flag);
  return [[form, value], [`${form}=${value}`]];
}

/** A value as the flag's type has it in crictl. */
function sample({ type, name }: CrictlFlag): string {
  const choices = /^enum\((.*)\)/.exec(type)?.[1]?.split("|");
  if (choices !== undefined) return choices[0] ?? "";
  if (name === "--transport") return "websocket";
  if (/^duration/.test(type)) return "3s";
  if (/^(int|string parsed as int)/.test(type)) return "7";
  if (/key=value|k=v/.test(type)) return "a=b";
  return "x";
}

function expected(flag: CrictlFlag, spec: FlagSpec): FlagValue {
  if (flag.type.startsWith("bool")) return true;
  const text = sample(flag);
  if (spec.type === "duration") return Number.parseInt(text, 10) * 1000;
  return spec.type === "integer" ? Number(text) : text;
}
