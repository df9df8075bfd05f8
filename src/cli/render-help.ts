/**
 * The oclif adapter, help half. A verb's help is oclif's, fed from the specification; the list of
 * verbs is ours, by group. Nothing is read from disk: oclif's own Config would look for a package.
 */
import { stripVTControlCharacters } from "node:util";
import { renderRows } from "../output/wrap-text.ts";
import type { ArgSpec, Command, CommandSpec, FlagSpec } from "./command.ts";
import { type CommandEntry, loadAllCommands } from "./command-table.ts";
import type { OutputStream } from "./context.ts";
import { flagsOf } from "./flags-of.ts";
import { GLOBAL_FLAGS } from "./global-flags.ts";

const WIDTH_WITHOUT_TERMINAL = 100;

const GROUP_TITLES: Readonly<Record<CommandSpec["group"], string>> = {
  pods: "PODS",
  containers: "CONTAINERS",
  images: "IMAGES",
  runtime: "RUNTIME",
  shell: "SHELL",
};

const USAGE = `USAGE
  crish [FLAGS] COMMAND [ARGUMENTS]
  crish [FLAGS] -f SCRIPT [ARGUMENTS]    a script of commands
  crish [FLAGS]                          the shell, on a terminal`;

/** Help of one verb, ending in a newline. */
export async function renderCommandHelp(command: Command, stdout: OutputStream): Promise<string> {
  const { CommandHelp } = await import("@oclif/core/help");
  const { spec } = command;
  const config = {
    bin: "crish",
    platform: "linux",
    shell: "sh",
    topicSeparator: " ",
    pjson: { oclif: {} },
  };
  const width = stdout.columns() ?? WIDTH_WITHOUT_TERMINAL;
  const help = new CommandHelp(toHelpCommand(command) as never, config as never, {
    flagSortOrder: "none",
    maxWidth: width,
    stripAnsi: !stdout.color,
    docopts: false,
  });
  const title = spec.summary.charAt(0).toUpperCase() + spec.summary.slice(1);
  const globals = "Global flags (--runtime-endpoint, --timeout, …) are listed by crish help.";
  const more = command.moreHelp === undefined ? "" : `${await command.moreHelp(width)}\n\n`;
  const below = subcommandBlock(command, width);
  const own = alignFirstFlag(help.generate(), spec);
  return `${title}.\n\n${own}\n\n${below}${more}${globals}\n`;
}

function subcommandBlock({ spec, subcommands = [] }: Command, width: number): string {
  const shown = subcommands.filter((each) => each.spec.hidden !== true);
  if (shown.length === 0) return "";
  const rows = shown.map(({ spec: { name, aliases = [], summary } }) => {
    return [[name, ...aliases].join(", "), summary] as const;
  });
  const further = `crish ${spec.name} COMMAND --help tells more about one.`;
  return `COMMANDS\n${renderRows(rows, width)}\n\n${further}\n\n`;
}

/** What crish is, its verbs by group, and the global flags; ending in a newline. */
export async function renderRootHelp(
  table: readonly CommandEntry[],
  stdout: OutputStream,
): Promise<string> {
  const commands = (await loadAllCommands(table)).filter(({ spec }) => spec.hidden !== true);
  const width = stdout.columns() ?? WIDTH_WITHOUT_TERMINAL;
  const blocks = [
    "crish: pods, containers and images of a node, over CRI or in its own runtime.",
    USAGE,
  ];
  for (const [group, title] of Object.entries(GROUP_TITLES)) {
    const rows = commands
      .filter(({ spec }) => spec.group === group)
      .map(({ spec }) => [[spec.name, ...(spec.aliases ?? [])].join(", "), spec.summary] as const);
    if (rows.length > 0) blocks.push(`${title}\n${renderRows(rows, width)}`);
  }
  const flags = GLOBAL_FLAGS.filter((flag) => flag.hidden !== true).map(
    (flag) => [flagLabel(flag), flagMeaning(flag)] as const,
  );
  blocks.push(
    `GLOBAL FLAGS (short letters before the command, long names anywhere)\n${renderRows(flags, width)}`,
    "crish COMMAND --help tells more about a command.",
  );
  return `${blocks.join("\n\n")}\n`;
}

function toHelpCommand({ spec, subcommands = [] }: Command): object {
  const below = subcommands.length === 0 ? [] : [`${spec.name} COMMAND`];
  return {
    id: spec.name,
    aliases: spec.aliases ?? [],
    summary: undefined,
    description: spec.description && reflow(spec.description),
    usage: [usageLine(spec), ...below],
    args: Object.fromEntries(
      spec.args.map((arg) => [
        arg.name,
        {
          name: arg.name,
          description: arg.meaning,
          required: arg.required && arg.unless === undefined,
          multiple: arg.variadic,
        },
      ]),
    ),
    flags: Object.fromEntries(flagsOf(spec).map((flag) => [flag.name, helpFlag(flag)])),
    examples: spec.examples.map(({ line, meaning }) => ({
      command: line,
      description: meaning.charAt(0).toUpperCase() + meaning.slice(1),
    })),
  };
}

/** A line of a description that ends in the middle of a sentence goes on in the next one. */
function reflow(description: string): string {
  return description.replaceAll(/(?<![.:])\n/g, " ");
}

/** oclif takes the blanks away that stand for the letter which the first flag has not. */
function alignFirstFlag(help: string, spec: CommandSpec): string {
  const hasLetters = flagsOf(spec).some((flag) => flag.short !== undefined && !flag.hidden);
  if (!hasLetters) return help;
  const lines = help.split("\n");
  const first = lines.findIndex((line) => stripVTControlCharacters(line) === "FLAGS") + 1;
  const isBare = first > 0 && stripVTControlCharacters(lines[first] ?? "").startsWith("  --");
  return isBare ? lines.with(first, `    ${lines[first]}`).join("\n") : help;
}

function usageLine(spec: CommandSpec): string {
  const args = spec.args.map(argLabel);
  const rest = spec.restCompletion === undefined && spec.object === undefined;
  const tail = spec.stopAfterArgs === undefined ? [] : [rest ? "[ARG...]" : "[COMMAND [ARG...]]"];
  const flags = flagsOf(spec).length === 0 ? [] : ["[FLAGS]"];
  return [spec.name, ...flags, ...args, ...tail].join(" ");
}

function argLabel(arg: ArgSpec): string {
  const name = `${arg.name.toUpperCase()}${arg.variadic === true ? "..." : ""}`;
  return arg.required && arg.unless === undefined ? name : `[${name}]`;
}

function helpFlag(flag: FlagSpec): object {
  return {
    name: flag.name,
    char: flag.short,
    type: flag.type === "boolean" ? "boolean" : "option",
    description: flagMeaning(flag),
    hidden: flag.hidden === true,
    helpValue: valueLabel(flag),
    multiple: flag.repeat === true,
  };
}

function flagLabel(flag: FlagSpec): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  const value = flag.type === "boolean" ? "" : ` ${valueLabel(flag)}`;
  return `${short}--${flag.name}${value}`;
}

/** Beside a longer one oclif has no room for the meaning. */
const LONGEST_LABEL = 28;

/** The values of an enumeration, unless they are many: then the meaning tells them. */
function valueLabel(flag: FlagSpec): string {
  const values = flag.values?.join("|");
  const isShort = values !== undefined && values.length <= LONGEST_LABEL;
  return isShort ? values : (flag.placeholder ?? "VALUE");
}

function flagMeaning(flag: FlagSpec): string {
  const values = flag.values?.join(", ") ?? "";
  const isTold = values === "" || valueLabel(flag) === flag.values?.join("|");
  const facts = [
    ...(isTold ? [] : [`one of ${values}`]),
    ...(flag.default === undefined || flag.default === false ? [] : [`default ${flag.default}`]),
    ...(flag.env === undefined ? [] : [`$${flag.env}`]),
    ...(flag.repeat === true ? ["repeatable"] : []),
  ];
  return facts.length === 0 ? flag.meaning : `${flag.meaning} (${facts.join(", ")})`;
}
