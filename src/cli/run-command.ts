/**
 * One command line from its words to its status: global flags, the verb, its own flags, its run().
 * The executable, the REPL and the tests all come through here, and every failure is printed here.
 */
import { DEFAULT_CONFIG_FILE, loadSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { redactCredentials } from "../errors/redact-credentials.ts";
import { StatusError } from "../errors/status-error.ts";
import type { Command, FlagValue } from "./command.ts";
import { COMMAND_TABLE, type CommandEntry, findCommand } from "./command-table.ts";
import type { Context, Session } from "./context.ts";
import { convertFlagValue } from "./convert-flag-value.ts";
import { createContext } from "./create-context.ts";
import { type FinishingSession, finishesUnread, finishingSession } from "./finishing-session.ts";
import { flagsOf } from "./flags-of.ts";
import {
  FIRST_GLOBAL_FLAGS,
  GLOBAL_FLAGS,
  IDLE_GLOBAL_FLAGS,
  IDLE_REASON,
  LATER_GLOBAL_FLAGS,
} from "./global-flags.ts";
import { isInterrupted } from "./interrupted.ts";
import { isOutputClosed } from "./output-closed.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { printError } from "./print-error.ts";
import { type ScannedArguments, scanArguments } from "./scan-arguments.ts";
import { expandScriptFlag } from "./script-flag.ts";
import { type CommandWords, enterSubcommand, findSubcommand } from "./subcommands.ts";
import { supplyObjects } from "./supply-objects.ts";
import { CRISH_VERSION } from "./version.ts";

type GlobalFlags = Readonly<Record<string, FlagValue | undefined>>;

/** Never rejects: what goes wrong is printed on the session's stderr and becomes the status. */
export async function runCommand(
  argv: readonly string[],
  session: Session,
  table: readonly CommandEntry[] = COMMAND_TABLE,
): Promise<number> {
  let command: Command | undefined;
  let finishing: FinishingSession | undefined;
  let showStack = session.globalFlags.debug === true;
  try {
    const before = scanGlobalFlags(expandScriptFlag(argv, missingScript));
    const globals = globalValues(before);
    const idle = idleFlags(before);
    showStack = globals.debug === true || showStack;
    const verb = before.positionals[0] ?? session.defaultVerb;
    if (globals.version === true) return await printVersion(session);
    if (verb === "help" || verb === "h") return await printHelp(before.rest, session, table);
    if (before.help) {
      return await printHelp([...before.positionals, ...before.rest], session, table);
    }
    if (verb === undefined) {
      throw new StatusError("InvalidArgument", "no command was given", {
        hint: "crish help lists the commands; crish repl is the shell",
      });
    }
    command = await loadVerb(verb, table);
    const entered = enterSubcommand({ command, words: before.rest });
    command = entered.command;
    if (finishesUnread(command.spec)) finishing = finishingSession(session);
    return await runVerb({ ...entered, globals, idle, session: finishing?.session ?? session });
  } catch (error) {
    const passesExitStatus = command?.spec.passesExitStatus === true;
    const own = finishing?.session ?? session;
    return await reportFailure(error, own, { passesExitStatus, showStack });
  } finally {
    finishing?.release();
  }
}

/** Prints a failure and tells its status; nothing is printed for a reader that went away. */
export async function reportFailure(
  error: unknown,
  session: Session,
  options: { readonly passesExitStatus?: boolean; readonly showStack?: boolean } = {},
): Promise<number> {
  if (isOutputClosed(session.signal)) return EXIT.success;
  const failure = endingOf(error, session.signal);
  const status = toExitCode(failure);
  const interrupted = session.signal.aborted && status === EXIT.interrupted;
  const isTold = status === EXIT.noAnswer && (await session.hasToldOfLoss?.()) === true;
  if (!interrupted && !isTold) await printError(session.stderr, failure);
  if (options.showStack === true && error instanceof Error) {
    await session.stderr.write(`${redactCredentials(error.stack ?? "")}\n`);
  }
  if (options.passesExitStatus === true && status !== EXIT.interrupted) return EXIT.execFailed;
  return status;
}

/** What was ended because its output failed knows only that it was ended: the signal knows why. */
function endingOf(error: unknown, signal: AbortSignal): unknown {
  const isEnded = signal.aborted && toExitCode(error) === EXIT.interrupted;
  return isEnded && !isInterrupted(signal) ? signal.reason : error;
}

interface VerbRun extends CommandWords {
  readonly globals: GlobalFlags;
  /** Names of the flags before the verb that are passed over. */
  readonly idle: readonly string[];
  readonly session: Session;
}

async function runVerb({ command, words, globals, idle, session }: VerbRun): Promise<number> {
  const { spec } = command;
  const scanned = scanArguments(words, {
    flags: flagsOf(spec),
    longOnly: LATER_GLOBAL_FLAGS,
    stopAfterArgs: spec.stopAfterArgs,
  });
  if (scanned.help) return await printCommandHelp(command, session);
  const merged = mergeGlobals(session.globalFlags, { ...globals, ...globalValues(scanned) });
  const settings = await settingsFor(spec, merged, session.env);
  if (settings.debug) await tellIdle([...idle, ...idleFlags(scanned)], session);
  const context = createContext({ ...session, globalFlags: merged }, settings);
  const run = async (inside: Context) => {
    const supplied = await supplyObjects({ spec, scanned, context: inside });
    const input = await parseCommandLine(spec, supplied, session.env);
    const isEnd = () =>
      isInterrupted(session.signal) && command.endsAtInterrupt?.(inside, input) === true;
    try {
      const status = await command.run(inside, input);
      return status === EXIT.interrupted && isEnd() ? EXIT.success : status;
    } catch (error) {
      if (isEnd()) return EXIT.success;
      throw error;
    }
  };
  if (settings.tracing === undefined) return await run(context);
  const { traceCommand } = await import("./trace-command.ts");
  return await traceCommand(context, spec.name, settings.tracing, run);
}

/**
 * A line's own flags before the session's. Where the line says which runtime it means, nothing that
 * the session says of it holds: a context of the line must not yield to an endpoint of the session.
 */
function mergeGlobals(session: GlobalFlags, line: GlobalFlags): GlobalFlags {
  const isChosen = line.context !== undefined || line["runtime-endpoint"] !== undefined;
  const choice = { context: undefined, "runtime-endpoint": undefined, "image-endpoint": undefined };
  return { ...session, ...(isChosen ? choice : {}), ...line };
}

function idleFlags({ values }: ScannedArguments): readonly string[] {
  const names: string[] = [];
  for (const [flag] of values) if (IDLE_GLOBAL_FLAGS.includes(flag)) names.push(flag.name);
  return names;
}

async function tellIdle(names: readonly string[], { stderr }: Session): Promise<void> {
  for (const name of names) await stderr.write(`debug: --${name} is ignored: ${IDLE_REASON}\n`);
}

async function settingsFor(
  { toleratesSettings }: Command["spec"],
  flags: GlobalFlags,
  env: Session["env"],
): Promise<Settings> {
  try {
    return await loadSettings({ flags, env, defaultFile: DEFAULT_CONFIG_FILE });
  } catch (error) {
    if (toleratesSettings !== true) throw error;
    const noFile = "/dev/null";
    const withoutFiles = { ...env, CRI_CONFIG_FILE: undefined, CRISH_CONTEXT: undefined };
    return await loadSettings({
      flags: { ...flags, config: undefined, context: undefined },
      env: { ...withoutFiles, XDG_CONFIG_HOME: noFile },
      defaultFile: noFile,
    });
  }
}

function missingScript(flag: string): never {
  throw new StatusError("InvalidArgument", `${flag} needs SCRIPT`, {
    hint: `crish ${flag} SCRIPT [ARG...]; - is stdin`,
  });
}

function scanGlobalFlags(argv: readonly string[]): ScannedArguments {
  const scanned = scanArguments(argv, { flags: FIRST_GLOBAL_FLAGS, stopAfterArgs: 1 });
  // A `--` behind the verb is the verb's: it ends flags there (`rm -- -f`).
  return scanned.dashes === "behind" ? { ...scanned, rest: ["--", ...scanned.rest] } : scanned;
}

/** The values of the global flags among the scanned ones. */
function globalValues(scanned: ScannedArguments): Record<string, FlagValue> {
  const values: Record<string, FlagValue> = {};
  for (const [flag, typed] of scanned.values) {
    const last = typed[typed.length - 1];
    if (GLOBAL_FLAGS.includes(flag) && last !== undefined) {
      values[flag.name] = convertFlagValue(flag, last);
    }
  }
  return values;
}

async function loadVerb(verb: string, table: readonly CommandEntry[]): Promise<Command> {
  const entry = findCommand(verb, table);
  if (entry !== undefined) return await entry.load();
  const shell = await findCommand("repl", table)?.load();
  if ((await shell?.innerVerbs?.())?.includes(verb)) {
    throw new StatusError("InvalidArgument", `"${verb}" is a command of the shell`, {
      hint: `crish starts the shell, where help ${verb} tells more; see crish help shell`,
    });
  }
  const near = nearestName(
    verb,
    table.flatMap((candidate) => [candidate.name, ...candidate.aliases]),
  );
  throw new StatusError("InvalidArgument", `unknown command "${verb}"`, {
    hint: near === undefined ? "crish help lists the commands" : `did you mean ${near}?`,
  });
}

async function printVersion(session: Session): Promise<number> {
  await session.stdout.write(`crish version ${CRISH_VERSION}\n`);
  return EXIT.success;
}

/** Asked of help itself they ask for no more than it gives. */
const HELP_WORDS = ["help", "h", "--help", "-h"];

async function printHelp(
  words: readonly string[],
  session: Session,
  table: readonly CommandEntry[],
): Promise<number> {
  const [verb, inner] = words.filter((word) => !HELP_WORDS.includes(word));
  if (verb !== undefined) {
    const command = await loadVerb(verb, table);
    return await printCommandHelp(findSubcommand(command, inner) ?? command, session);
  }
  const { renderRootHelp } = await import("./render-help.ts");
  await session.stdout.write(await renderRootHelp(table, session.stdout));
  return EXIT.success;
}

async function printCommandHelp(command: Command, session: Session): Promise<number> {
  const { renderCommandHelp } = await import("./render-help.ts");
  await session.stdout.write(await renderCommandHelp(command, session.stdout));
  return EXIT.success;
}
