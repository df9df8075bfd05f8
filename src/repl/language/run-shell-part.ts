/** What is left to /bin/sh: `!command` and everything behind the first `|`. */
import type { Readable, Writable } from "node:stream";
import type { OutputStream, Session } from "../../cli/context.ts";
import { isOutputClosed } from "../../cli/output-closed.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import { type ShellChild, type ShellEnd, startShellChild } from "../../host/shell-child.ts";
import { saveTerminalModes } from "../../host/terminal-modes.ts";
import type { Shell } from "../shell.ts";
import { toExecForm } from "./exec-form.ts";
import type { PipelineOutcome } from "./run-pipeline.ts";
import { createSink } from "./sink.ts";

/** Linux takes 128 KiB for one variable, and for all of them with the arguments some 2 MiB. */
const MAX_VALUE_BYTES = 64 * 1024;
const MAX_EXPORTED_BYTES = 512 * 1024;

/** `!command`: it gets stdin, and the terminal where there is one. */
export async function runInShell(
  text: string,
  session: Session,
  shell: Shell,
): Promise<PipelineOutcome> {
  const { stdin } = session;
  const input = stdin.isTty ? 0 : (stdin.fd ?? "pipe");
  const { end } = await runChild(
    text,
    { session, shell, input, onInterrupt: () => {} },
    (child) => {
      if (child.stdin === null) return;
      // Who ends without reading all of it fails by itself, if at all.
      child.stdin.on("error", () => {});
      stdin.stream().pipe(child.stdin);
    },
  );
  return outcome(end, EXIT.success);
}

interface PipedRun {
  readonly session: Session;
  readonly shell: Shell;
  /** The command on the left; may reject. */
  run(session: Session): Promise<number>;
}

/**
 * A command whose output goes through a shell's. The status is that of the right side, or of the
 * command where the right side is content; a command whose reader went away has not failed.
 */
export async function runIntoShell(text: string, piped: PipedRun): Promise<PipelineOutcome> {
  const { session, shell } = piped;
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort(new StatusError("Cancelled", "interrupted"));
  const { end, result } = await runChild(
    text,
    { session, shell, input: "pipe", onInterrupt },
    async (child) => {
      const sink = createSink(child.stdin as Writable, "the pipe", session.env);
      const signal = AbortSignal.any([session.signal, interrupt.signal, sink.signal]);
      try {
        const status = await piped.run({ ...session, stdout: sink.output, signal });
        return isOutputClosed(signal) ? EXIT.success : status;
      } finally {
        await sink.close();
      }
    },
  );
  return outcome(end, result);
}

function outcome({ status, signal }: ShellEnd, before: number): PipelineOutcome {
  return { status: status || before, isInterrupted: signal === "SIGINT" };
}

interface ChildRun {
  readonly session: Session;
  readonly shell: Shell;
  readonly input: number | "pipe";
  /** Ctrl-C on the terminal, which the child got as well. */
  onInterrupt(): void;
}

/** Starts the child, does the work beside it, and waits for both, whatever happens. */
async function runChild<Result>(
  text: string,
  { session, shell, input, onInterrupt }: ChildRun,
  work: (child: ShellChild) => Promise<Result> | Result,
): Promise<{ end: ShellEnd; result: Awaited<Result> }> {
  const { stdin, stdout, stderr } = session;
  const hasTerminal = stdin.isTty && (stdout.isTty || stderr.isTty);
  const restoreModes = hasTerminal ? await saveTerminalModes(0) : async () => {};
  // Whoever has the terminal decides what Ctrl-C means: a pager or an editor stays.
  let hasEnded = false;
  let isAsked = false;
  const release = hasTerminal
    ? session.takeInterrupts(() => {
        onInterrupt();
        // A command that does not end although its reader has and Ctrl-C was pressed: leave it.
        if (hasEnded && isAsked) return false;
        isAsked = hasEnded;
        return true;
      })
    : () => {};
  const child = startShellChild({
    text: toExecForm(text, session.env.PATH),
    parameters: shell.parameters,
    env: { ...session.env, ...exported(shell.variables) },
    cwd: session.cwd,
    stdio: [input, stdout.fd ?? "pipe", stderr.fd ?? "pipe"],
  });
  const stopWatching = endWithSession(child, session, shell);
  try {
    const pumps = [pump(child.stdout, stdout), pump(child.stderr, stderr)];
    const ended = child.ended.finally(() => {
      hasEnded = true;
    });
    const [result, end] = await Promise.allSettled([work(child), ended]);
    if (end.status === "rejected") throw end.reason;
    const pumped = await Promise.allSettled(pumps);
    if (result.status === "rejected") throw result.reason;
    const broken = pumped.find((each) => each.status === "rejected");
    if (broken !== undefined) throw broken.reason;
    return { end: end.value, result: result.value };
  } finally {
    stopWatching();
    release();
    await restoreModes();
  }
}

/** The variables as environment. What the kernel would refuse to pass on is left out. */
function exported(variables: ReadonlyMap<string, string>): Record<string, string> {
  let leftBytes = MAX_EXPORTED_BYTES;
  const entries = [...variables].filter(([, value]) => {
    const sizeBytes = Buffer.byteLength(value);
    if (sizeBytes > MAX_VALUE_BYTES || sizeBytes > leftBytes) return false;
    leftBytes -= sizeBytes;
    return true;
  });
  return Object.fromEntries(entries);
}

/** The terminal tells its programs of Ctrl-C by itself; the end of the session is told here. */
function endWithSession(child: ShellChild, session: Session, shell: Shell): () => void {
  const signal = session.stdin.isTty ? shell.session.signal : session.signal;
  const onAbort = () => child.kill("SIGTERM");
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

/** What the child writes where it cannot write by itself; it waits for the reader. */
async function pump(from: Readable | null, to: OutputStream): Promise<void> {
  if (from === null) return;
  try {
    for await (const chunk of from) await to.write(chunk as Uint8Array);
  } catch (error) {
    from.destroy();
    throw error;
  }
}
