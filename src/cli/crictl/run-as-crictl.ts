/**
 * src/cli/crictl: crish under crictl's name, as a symbolic link makes it, so that it can replace
 * crictl on a node. Statuses, streams and texts that scripts look for are crictl's where crish has its
 * own; all that crish adds is there as well. docs/compatibility.md lists what is not imitated.
 */
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { Command, CommandSpec } from "../command.ts";
import { findCommand } from "../command-table.ts";
import type { OutputStream, Session } from "../context.ts";
import { flagsOf } from "../flags-of.ts";
import { ALL_GLOBAL_FLAGS } from "../global-flags.ts";
import { runCommand } from "../run-command.ts";
import { type ScannedArguments, scanArguments } from "../scan-arguments.ts";
import { enterSubcommand } from "../subcommands.ts";
import { CRISH_VERSION } from "../version.ts";
import { CRICTL_TABLE } from "./crictl-table.ts";
import { formatCrictlError } from "./format-error.ts";

/** The crictl whose verbs and flags these are; what is behind the plus is not compared. */
const CRICTL_VERSION = `v1.36.0+crish.${CRISH_VERSION}`;
const FAILURE = 1;
const UNKNOWN_COMMAND = 3;

/** Verbs that say what is missing instead of printing their help. */
const SPEAKING: readonly string[] = ["start", "update", "checkpoint"];

/** A command line of crictl. Never rejects. */
export async function runAsCrictl(argv: readonly string[], session: Session): Promise<number> {
  let hasTold = false;
  const inside = crictlSession(session, () => {
    hasTold = true;
  });
  const run = async (words: readonly string[], isExec = false) => {
    const status = await runCommand(words, inside, CRICTL_TABLE);
    if (status === EXIT.success) return EXIT.success;
    if (isExec && !hasTold && !session.signal.aborted) {
      // The command's own status is lost: scripts know it by this text.
      const line = errorLine(session, `command terminated with exit code ${status}`);
      await session.stderr.write(`${line}\n`);
    }
    return FAILURE;
  };
  const before = scanBeforeVerb(argv);
  // A flag that is wrong is told of by whoever parses it.
  if (before === undefined) return await run(argv);
  const [verb] = before.positionals;
  if (isGiven(before, "version")) {
    await session.stdout.write(`crictl version ${CRICTL_VERSION}\n`);
    return EXIT.success;
  }
  if (verb === undefined) return await run(["help"]);
  if (verb === "help" || verb === "h") return await run(["help", ...before.rest]);
  const entry = findCommand(verb, CRICTL_TABLE);
  if (entry === undefined) {
    await session.stderr.write(`No help topic for '${verb}'\n`);
    return UNKNOWN_COMMAND;
  }
  const entered = enterSubcommand({ command: await entry.load(), words: before.rest });
  const words = flagsFirst(entered.command, entered.words);
  if (words === undefined || lacksWords(entered.command.spec, words)) {
    const { spec } = entered.command;
    if (words !== undefined && SPEAKING.includes(spec.name)) {
      await session.stderr.write(`${errorLine(session, "ID cannot be empty")}\n`);
      return FAILURE;
    }
    if (words !== undefined) return await run(["help", ...spec.name.split(" ")]);
  }
  const globals = argv.slice(0, argv.length - before.rest.length - 1);
  const { name } = entered.command.spec;
  const line = [...globals, ...name.split(" "), ...(words?.all ?? entered.words)];
  return await run(line, name === "exec");
}

interface SplitWords {
  /** Flags, a `--`, and what stands behind the first positional, as typed. */
  readonly all: readonly string[];
  readonly positionals: readonly string[];
  readonly flags: ScannedArguments;
}

/** crictl's flags end at the first positional. Undefined where they are wrong. */
function flagsFirst({ spec }: Command, words: readonly string[]): SplitWords | undefined {
  const longOnly = ALL_GLOBAL_FLAGS.filter(({ name }) => name !== "help" && name !== "version");
  try {
    const flags = scanArguments(words, { flags: flagsOf(spec), longOnly, stopAfterArgs: 1 });
    // `exec ID -- cmd` runs the program "--", and `-- ID` is what it is here.
    const behind = words.slice(
      words.length - flags.rest.length - (flags.dashes === "behind" ? 1 : 0),
    );
    const positionals = [...flags.positionals, ...behind];
    if (flags.positionals.length === 0 || flags.help) return { all: words, positionals, flags };
    const typed = words.slice(0, words.length - behind.length - 1);
    const isMarked = flags.dashes === "before";
    return { all: [...typed, ...(isMarked ? [] : ["--"]), ...positionals], positionals, flags };
  } catch {
    return undefined;
  }
}

/** Where arguments are missing or too many, crictl prints the command's help, with status 0. */
function lacksWords(spec: CommandSpec, { positionals, flags }: SplitWords): boolean {
  if (flags.help) return false;
  const required = spec.args.filter(
    ({ required: isRequired, unless = [] }) =>
      isRequired && !unless.some((name) => isGiven(flags, name)),
  );
  if (positionals.length < required.length) return true;
  const isOpen = spec.args.some(({ variadic }) => variadic) || spec.stopAfterArgs !== undefined;
  return !isOpen && positionals.length > spec.args.length;
}

function scanBeforeVerb(argv: readonly string[]): ScannedArguments | undefined {
  try {
    const flags = ALL_GLOBAL_FLAGS.filter(({ name }) => name !== "help");
    const scanned = scanArguments(argv, { flags, stopAfterArgs: 1 });
    return scanned.help
      ? { ...scanned, positionals: ["help"], rest: scanned.positionals }
      : scanned;
  } catch {
    return undefined;
  }
}

function isGiven({ values }: ScannedArguments, name: string): boolean {
  for (const [flag, typed] of values) {
    if (flag.name === name) return typed.at(-1) !== "false";
  }
  return false;
}

function errorLine(session: Session, message: string): string {
  return formatCrictlError(new StatusError("InvalidArgument", message), session.stderr.isTty);
}

/** It never starts a shell, asks nothing, and has no runtime of its own unless that is named. */
function crictlSession(session: Session, onError: () => void): Session {
  const stderr: OutputStream = Object.create(session.stderr, {
    formatError: {
      value: (error: unknown) => {
        onError();
        return formatCrictlError(error, session.stderr.isTty);
      },
    },
  });
  return {
    ...session,
    stderr,
    defaultVerb: undefined,
    backends: {
      ...session.backends,
      open: (options) => session.backends.open({ ...options, mayBeEmbedded: false }),
    },
  };
}
