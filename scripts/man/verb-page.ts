import type { Command, CommandSpec } from "../../src/cli/command.ts";
import { flagsOf } from "../../src/cli/flags-of.ts";
import { description, exampleLines, flagList, synopsis } from "./command-sections.ts";
import { args, references } from "./mdoc.ts";
import type { Page } from "./page.ts";
import {
  CONFIGURATION_FILES,
  ENDPOINT_VARIABLES,
  EXIT_STATUSES,
  files,
  PASSED_STATUSES,
  SHELL_FILES,
  statuses,
  variables,
} from "./surroundings.ts";

/** The page of one command. `all` are the commands that may be worth a look beside it. */
export function verbPage(
  { spec, subcommands = [] }: Pick<Command, "spec" | "subcommands">,
  all: readonly CommandSpec[],
): Page {
  const isShell = spec.group === "shell";
  return {
    name: `crish-${spec.name}`,
    section: 1,
    summary: spec.summary,
    sections: [
      ["SYNOPSIS", [".Nm crish", ".Op Ar global flags", ...synopsis(spec)]],
      ["DESCRIPTION", description(spec)],
      ["OPTIONS", options(spec)],
      ["COMMANDS", subcommands.flatMap((each) => subcommandLines(each.spec))],
      [
        "ENVIRONMENT",
        [...variables(ENDPOINT_VARIABLES), ".Pp", ".Xr crish 1", "lists the other variables."],
      ],
      ["FILES", files(isShell ? [...CONFIGURATION_FILES, ...SHELL_FILES] : CONFIGURATION_FILES)],
      ["EXIT STATUS", exitStatus(spec)],
      ["EXAMPLES", exampleLines(spec)],
      ["SEE ALSO", references(neighbours(spec, all))],
    ],
  };
}

function options(spec: CommandSpec): string[] {
  const list = flagList(flagsOf(spec));
  const where =
    spec.stopAfterArgs === undefined
      ? "Flags may stand anywhere behind the command."
      : "Flags stand before what is passed on to the program, which is left as it is.";
  return [
    ...(list.length === 0 ? ["The command has no flags of its own."] : [where, ...list]),
    ".Pp",
    "The global flags of",
    ".Xr crish 1",
    "may be given as well, by their long names also behind the command.",
  ];
}

/** What is named behind the verb: each like a small page. */
function subcommandLines(spec: CommandSpec): string[] {
  if (spec.hidden === true) return [];
  return [
    `.Ss ${args(spec.name)}`,
    ".Bd -ragged -compact",
    ".Nm crish",
    ...synopsis(spec),
    ".Ed",
    ".Pp",
    ...description(spec),
    ...flagList(flagsOf(spec)),
    ...(spec.examples.length === 0 ? [] : [".Pp", ...exampleLines(spec)]),
  ];
}

function exitStatus(spec: CommandSpec): string[] {
  if (spec.passesExitStatus !== true) return statuses(EXIT_STATUSES);
  return ["The status of the program that is run, or:", ...statuses(PASSED_STATUSES)];
}

function neighbours(
  spec: CommandSpec,
  all: readonly CommandSpec[],
): readonly (readonly [string, number])[] {
  const group = all.filter(({ name, group }) => group === spec.group && name !== spec.name);
  return [
    ["crish", 1],
    ...group.map(({ name }) => [`crish-${name}`, 1] as const),
    ["crish-config", 5],
    ...(spec.group === "shell" ? [["crish-shell", 7] as const] : []),
  ];
}
