/**
 * The shape of a verb: a specification, which is pure data, and a function that knows no framework.
 * The oclif adapter, help, the REPL, completion and the manual pages all read the specification.
 */
import type { Context } from "./context.ts";

export interface Command<Spec extends CommandSpec = CommandSpec> {
  readonly spec: Spec;
  /**
   * Does the work and resolves to the process status. Failures are thrown as StatusError; a verb
   * over several objects reports each and resolves to the first failure's status.
   */
  run(context: Context, input: CommandInput): Promise<number>;
  /**
   * Whether that command line goes on until it is interrupted: Ctrl-C is then how it ends, with
   * success, whatever is under way. Absent means never.
   */
  endsAtInterrupt?(context: Context, input: CommandInput): boolean;
  /**
   * Commands that are named behind the verb (`context use`), whole ones with a specification of their
   * own, whose name is the verb's with theirs behind it and whose aliases stand for theirs alone.
   */
  readonly subcommands?: readonly Command[];
  /** Blocks of its help behind the examples, where the specification does not tell all. */
  moreHelp?(width: number): Promise<string>;
  /** Words that are commands inside this one only: the shell's own. */
  innerVerbs?(): Promise<readonly string[]>;
}

export interface CommandInput {
  /** Positionals by the name of their ArgSpec: a string, or a list where the ArgSpec is variadic. */
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Flags by name, without dashes. Absent flags with a default have it; others are undefined. */
  readonly flags: Readonly<Record<string, FlagValue | undefined>>;
  /** What follows where parsing stops (the command of exec and run), untouched. */
  readonly rest: readonly string[];
}

/** Durations arrive in milliseconds. */
export type FlagValue = string | number | boolean | readonly string[];

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, lower case first word a verb, no full stop. */
  readonly summary: string;
  readonly description?: string;
  /** Command lines as typed, each with one line of meaning. */
  readonly examples: readonly { readonly line: string; readonly meaning: string }[];
  readonly args: readonly ArgSpec[];
  readonly flags: readonly FlagSpec[];
  /** The kind of object the verb acts on: drives completion and pickers. */
  readonly object?: ObjectKind;
  /**
   * States in which the verb can act on its objects, as `--state` spells them: those are offered,
   * the others only where none of them fits what was typed.
   */
  readonly objectStates?: readonly string[];
  /**
   * Parsing of flags stops for good after this many positionals: 1 for exec (the command follows)
   * and for run (the image). A `--` before that point ends flags too and is dropped.
   */
  readonly stopAfterArgs?: number;
  /** With stopAfterArgs: at least one word must follow that point. */
  readonly needsRest?: boolean;
  /** Where the words behind that point come from, a container's paths for exec. */
  readonly restCompletion?: Completion;
  /** Not shown in lists of commands. */
  readonly hidden?: boolean;
  /** The status range of exec and run: our own failures are 125 instead of 1 to 4. */
  readonly passesExitStatus?: boolean;
  /**
   * What the verb does to its objects, as a question has it ("remove", "stop"): on more than one it
   * asks on a terminal, `-y` skips the question and `--dry-run` only tells. All three are made from
   * this line.
   */
  readonly destroys?: string;
  /**
   * The verb changes what it is given, or makes something new: it does so with all of it, though
   * nobody reads what it tells. So does one that `destroys`. All others end with their output.
   */
  readonly changes?: boolean;
  /** Runs with the defaults where the configuration file is malformed: it is what tells so. */
  readonly toleratesSettings?: boolean;
  readonly group: "pods" | "containers" | "images" | "runtime" | "shell";
}

export type ObjectKind = "container" | "pod" | "image";

export interface ArgSpec {
  readonly name: string;
  readonly meaning: string;
  readonly required: boolean;
  /** Flags that stand in for a required argument: `--all` of rm. */
  readonly unless?: readonly string[];
  /** Takes all positionals that remain; the last one only. */
  readonly variadic?: boolean;
  /** Variadic, but where it is left out only one is chosen: that is what is wanted nearly always. */
  readonly choosesOne?: boolean;
  readonly completion?: Completion;
  /** Names what need not be there yet: nothing is offered to choose from. */
  readonly isNew?: boolean;
  /** A regular expression: such a word is this argument, even where the object before it is absent. */
  readonly form?: string;
}

export interface FlagSpec {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Other long names that mean the same. */
  readonly aliases?: readonly string[];
  readonly type: FlagType;
  /** May be given more than once; the value is then a list. */
  readonly repeat?: boolean;
  readonly default?: FlagValue;
  readonly env?: string;
  /** Allowed values of an enum flag. */
  readonly values?: readonly string[];
  /** Those of them, and further ones, that go on with a text: `jsonpath={.id}`. */
  readonly valuesWithText?: readonly string[];
  readonly meaning: string;
  /** Name of the value in help, as in `--tail LINES`. */
  readonly placeholder?: string;
  readonly completion?: Completion;
  /** In a shell with a context, an absent flag has the ID of the context's pod or container. */
  readonly fromContext?: "pod" | "container";
  /** Flags beside which it does not have it. */
  readonly notFromContextWith?: readonly string[];
  /**
   * States of objects that fit this flag better than others: where the shell's pod has several
   * containers, the only one of those is meant.
   */
  readonly prefersStates?: readonly string[];
  /** Flags that may not be given together with it. */
  readonly exclusive?: readonly string[];
  readonly hidden?: boolean;
}

/** `duration` takes Go durations (`1m30s`) and bare integers, which are seconds. */
type FlagType = "boolean" | "string" | "integer" | "duration" | "enum" | "path";

/** Where the candidates of a value come from. */
export type Completion =
  | ObjectKind
  | "file"
  | "handler"
  /** A path inside the container that an earlier argument names. */
  | "container-path"
  /** CONTAINER:PATH, or a path of this host. */
  | "container-file"
  /** The name of a verb. */
  | "verb"
  /** A pod, or a container as POD/CONTAINER: what a shell's context can be. */
  | "context"
  /** A socket of a runtime. */
  | "endpoint"
  /** The name of a runtime in crish's own configuration. */
  | "runtime-context"
  /** One of these two. */
  | "runtime"
  /** A registry that credentials are kept for. */
  | "registry"
  | "none"
  | { readonly values: readonly string[] };
