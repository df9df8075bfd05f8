/** What a page says of a command: from its specification alone. */
import type { ArgSpec, CommandSpec, FlagSpec } from "../../src/cli/command.ts";
import { flagsOf } from "../../src/cli/flags-of.ts";
import { args, literal, sentence, tagged, textLines } from "./mdoc.ts";

/** Lines of the synopsis behind the program's own name. */
export function synopsis(spec: CommandSpec): string[] {
  return [
    `.Cm ${args(spec.name)}`,
    ...(flagsOf(spec).length === 0 ? [] : [".Op Ar flags"]),
    ...spec.args.map(argument),
    ...(spec.stopAfterArgs === undefined ? [] : [restOf(spec)]),
  ];
}

export function description(spec: CommandSpec): string[] {
  const { aliases = [], args: positionals } = spec;
  const summary = spec.summary.charAt(0).toUpperCase() + spec.summary.slice(1);
  return [
    ...textLines(sentence(summary)),
    ...(spec.description === undefined ? [] : [".Pp", ...textLines(spec.description)]),
    ...(aliases.length === 0 ? [] : [".Pp", `Also called ${aliases.join(", ")}.`]),
    ...(positionals.length === 0
      ? []
      : [
          ".Pp",
          "The arguments are as follows:",
          ...tagged(
            positionals.map((arg) => ({
              term: `Ar ${args(arg.name)}`,
              lines: textLines(sentence(capital(arg.meaning))),
            })),
          ),
        ]),
  ];
}

/** A list of flags; empty without any. */
export function flagList(flags: readonly FlagSpec[]): string[] {
  const shown = flags.filter(({ hidden }) => hidden !== true);
  if (shown.length === 0) return [];
  return tagged(shown.map((flag) => ({ term: flagTerm(flag), lines: flagMeaning(flag) })));
}

/** Each example under what it means. */
export function exampleLines(spec: CommandSpec): string[] {
  return spec.examples.flatMap(({ line, meaning }, index) => [
    ...(index === 0 ? [] : [".Pp"]),
    ...textLines(capital(meaning).replace(/[.:]?$/, ":")),
    ...literal([line]),
  ]);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function argument({ name, required, variadic, unless }: ArgSpec): string {
  const word = `Ar ${args(name)}${variadic === true ? " ..." : ""}`;
  return required && unless === undefined ? `.${word}` : `.Op ${word}`;
}

function restOf({ restCompletion, object }: CommandSpec): string {
  const isCommand = restCompletion !== undefined || object !== undefined;
  return isCommand ? ".Op Ar command Op Ar arg ..." : ".Op Ar arg ...";
}

function flagTerm(flag: FlagSpec): string {
  const names = [
    ...(flag.short === undefined ? [] : [`Fl ${flag.short}`]),
    ...[flag.name, ...(flag.aliases ?? [])].map((name) => `Fl \\-${args(name)}`),
  ];
  const value = flag.type === "boolean" ? "" : ` Ar ${args(placeholder(flag))}`;
  return `${names.join(" , ")}${value}`;
}

function placeholder(flag: FlagSpec): string {
  return flag.placeholder ?? (flag.values === undefined ? "VALUE" : flag.name.toUpperCase());
}

function flagMeaning(flag: FlagSpec): string[] {
  const { default: standard, env, repeat, values, exclusive } = flag;
  const facts = [
    ...(values === undefined ? [] : [`One of ${values.join(", ")}.`]),
    ...(standard === undefined || standard === false ? [] : [`The default is ${standard}.`]),
    ...(repeat === true ? ["It may be given more than once."] : []),
    ...(exclusive === undefined
      ? []
      : [`Not together with ${exclusive.map((name) => `\\-\\-${name}`).join(", ")}.`]),
    ...(env === undefined ? [] : ["Where it is absent,", `.Ev ${env}`, "stands in."]),
  ];
  return [...textLines(sentence(capital(flag.meaning))), ...facts];
}
