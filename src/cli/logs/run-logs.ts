import { ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { EXIT, toExitCode } from "../../errors/exit-code.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { listOf } from "../inspect-each.ts";
import { isInterrupted } from "../interrupted.ts";
import { printError } from "../print-error.ts";
import { findAttempt, findLog } from "./find-log.ts";
import { keepTerminal } from "./keep-terminal.ts";
import { LiveLogs } from "./live-logs.ts";
import { logLook } from "./log-look.ts";
import type { LogOutputs } from "./output-buffers.ts";
import { LogPrefixes } from "./prefixes.ts";
import { printAttempts } from "./print-attempts.ts";
import { type LogLook, printLog } from "./print-log.ts";
import { printLogs, type SourceLog } from "./print-logs.ts";
import { type LoggedContainer, mayWrite, type SelectedLogs, selectLogs } from "./select-logs.ts";

/** The work of `logs`. Resolves to the first failure's status; following ends with 0. */
export async function runLogs(context: Context, { args, flags }: CommandInput): Promise<number> {
  const look = logLook(flags);
  const selected = await selectLogs(context, listOf(args.container), flags);
  const failures = createFailures(context);
  for (const error of selected.errors) failures.report(error);
  const isFollowed = flags.follow === true;
  const [first, ...others] = selected.containers;
  const mayJoin = isFollowed && selected.find !== undefined;
  if (first === undefined && !mayJoin) {
    if (selected.errors.length === 0) await context.stderr.write("no container matches\n");
    return await failures.status();
  }
  if (flags.reopen === true) await reopen(context, selected, failures);
  const { outputs, restore } = keepTerminal(context, { isFollowed });
  const request: Request = { context, outputs, flags, look, failures };
  try {
    if (first !== undefined && others.length === 0 && !mayJoin) await printOne(request, first);
    else if (flags["all-attempts"] === true) {
      for (const logged of selected.containers) await printOne(request, logged);
    } else await printSeveral(request, selected);
  } finally {
    await restore();
  }
  const { signal } = context;
  // What was printed when the output failed was not told: the signal knows why it failed.
  if (signal.aborted && !isInterrupted(signal)) throw signal.reason;
  if (signal.aborted && !isFollowed) return EXIT.interrupted;
  return await failures.status();
}

interface Request {
  readonly context: Context;
  readonly outputs: LogOutputs;
  readonly flags: CommandInput["flags"];
  readonly look: LogLook;
  readonly failures: Failures;
}

async function printOne(request: Request, logged: LoggedContainer): Promise<void> {
  const { context, outputs, flags, look, failures } = request;
  const { container, origin } = logged;
  const { signal } = context;
  const prefixes = new LogPrefixes([origin]);
  const prefixOf = flags.prefix === true ? prefixes.of.bind(prefixes) : undefined;
  const options = {
    look: { ...look, prefixOf },
    origin,
    tailLines: tailOf(flags),
    signal,
    warn: failures.report,
  };
  try {
    if (flags["all-attempts"] === true) {
      return await printAttempts(context, container, { ...options, report: failures.report });
    }
    const path = await findWanted(context, flags, logged);
    const follow = flags.follow === true ? () => isRunning(context, container.id) : undefined;
    await printLog(outputs, path, { ...options, follow });
  } catch (error) {
    if (mayBeMissing(logged) && hasCode(error, "NotFound") && !asksForAttempt(flags)) return;
    failures.report(error);
  }
}

async function printSeveral(
  { context, outputs, flags, look, failures }: Request,
  { containers, find, isOfPods }: SelectedLogs,
): Promise<void> {
  const { signal } = context;
  const toSource = (
    logged: LoggedContainer,
    mayGrow: (() => Promise<boolean>) | undefined,
  ): SourceLog => ({
    origin: logged.origin,
    find: () => findWanted(context, flags, logged),
    mayGrow,
    mayBeMissing: mayBeMissing(logged),
  });
  const origins = containers.map(({ origin }) => origin);
  const prefixes = new LogPrefixes(origins);
  const prefixOf = flags.prefix === false ? undefined : prefixes.of.bind(prefixes);
  const options = {
    look: { ...look, prefixOf },
    tailLines: tailOf(flags),
    signal,
    report: failures.report,
  };
  if (flags.follow !== true) {
    const logs = containers.map((logged) => toSource(logged, undefined));
    return await printLogs(outputs, logs, options);
  }
  if (find === undefined) {
    const logs = containers.map((logged) =>
      toSource(logged, () => isRunning(context, logged.container.id)),
    );
    return await printLogs(outputs, logs, options);
  }
  const live = new LiveLogs({ find, toSource, hasEnd: isOfPods, signal });
  const joining = live.joining.bind(live);
  await printLogs(outputs, live.take(containers), { ...options, joining });
}

async function findWanted(
  context: Context,
  flags: CommandInput["flags"],
  { container }: LoggedContainer,
): Promise<string> {
  const { attempt } = flags;
  if (flags.previous === true) return (await findAttempt(context, container, "previous")).path;
  if (typeof attempt === "number") return (await findAttempt(context, container, attempt)).path;
  return await findLog(context, container.id);
}

async function reopen(
  context: Context,
  { containers }: SelectedLogs,
  failures: Failures,
): Promise<void> {
  const { runtime } = await context.backend();
  const call = callOptions(context);
  for (const { container } of containers) {
    const request = { containerId: container.id };
    await runtime.reopenContainerLog(request, call).catch(failures.report);
  }
}

/** Whether more may come. A runtime that does not answer for a moment ends nothing. */
async function isRunning(context: Context, containerId: string): Promise<boolean> {
  const { runtime } = await context.backend();
  try {
    const { status } = await runtime.containerStatus(
      { containerId, verbose: false },
      callOptions(context),
    );
    return status !== undefined && mayWrite(status.state);
  } catch (error) {
    if (hasCode(error, "NotFound")) return false;
    if (error instanceof StatusError) return true;
    throw error;
  }
}

/** A container that has not started yet has written nothing: that is an empty log. */
function mayBeMissing({ container }: LoggedContainer): boolean {
  return container.state === ContainerState.CONTAINER_CREATED;
}

function asksForAttempt(flags: CommandInput["flags"]): boolean {
  return flags.previous === true || typeof flags.attempt === "number";
}

function tailOf(flags: CommandInput["flags"]): number | undefined {
  return typeof flags.tail === "number" && flags.tail >= 0 ? flags.tail : undefined;
}

interface Failures {
  /** Prints what failed. */
  report(error: unknown): void;
  /** The first failure's; resolves when all are printed. */
  status(): Promise<number>;
}

function createFailures(context: Context): Failures {
  let first: unknown;
  let printing = Promise.resolve();
  return {
    report(error) {
      if (context.signal.aborted) return;
      first ??= error;
      printing = printing.then(() => printError(context.stderr, error));
    },
    async status() {
      await printing;
      return first === undefined ? EXIT.success : toExitCode(first);
    },
  };
}
