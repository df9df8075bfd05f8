/**
 * The session of this very process: its descriptors, its environment, its signals. The one place
 * that writes to stdout and stderr.
 */
import type { Readable, Writable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import type { TerminalSize } from "../cri/backend.ts";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import { createBackendPool } from "./backend-pool.ts";
import type { InputStream, OutputStream, Session } from "./context.ts";
import { HUNG_UP } from "./hung-up.ts";
import { openBackend } from "./open-backend.ts";
import { isOutputClosed, OUTPUT_CLOSED } from "./output-closed.ts";

export interface ProcessSession {
  readonly session: Session;
  /** The process's status for a command's: a reader that went away makes no failure. */
  finalStatus(status: number): number;
  /**
   * Whether the process must be ended instead of ending by itself: on Bun a read of the terminal
   * that is under way keeps it alive until the next key.
   */
  mustExit(): boolean;
  /** Closes backends and stops listening to signals, so that the process can end by itself. */
  close(): Promise<void>;
}

/** Who is signalled both by itself and with its group gets each signal twice: that asks for it once. */
const ECHO_MS = 100;

/** `exitNow` ends the process at once: the answer to a second Ctrl-C. */
export function createProcessSession(exitNow: (status: number) => void): ProcessSession {
  const controller = new AbortController();
  const stdin = processInput();
  const stdout = processOutput(1, (reason) => controller.abort(reason));
  const stderr = processOutput(2, () => {});
  const backends = createBackendPool(openBackend);
  const { signal } = controller;
  const place = () => ({ input: stdin.stream(), output: stderr.stream(), signal });
  let onInterrupt: (() => boolean) | undefined;
  let signalledAtMs: number | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    if (name === "SIGINT" && !signal.aborted && onInterrupt?.() === true) return;
    const isEcho = signalledAtMs !== undefined && performance.now() - signalledAtMs < ECHO_MS;
    if (signal.aborted && !isEcho) exitNow(130);
    signalledAtMs ??= performance.now();
    if (signal.aborted) return;
    controller.abort(name === "SIGHUP" ? HUNG_UP : new StatusError("Cancelled", "interrupted"));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, onSignal);
  const session: Session = {
    env: process.env,
    cwd: process.cwd(),
    signal,
    stdin,
    stdout,
    stderr,
    backends,
    globalFlags: {},
    // The shell on a terminal, else the script that stdin holds.
    defaultVerb: "repl",
    async confirm(question) {
      if (!stdin.isTty || !stderr.isTty) return false;
      const { askConfirmation } = await import("./prompts.ts");
      return await askConfirmation(question, place());
    },
    async askSecret(question) {
      if (!stdin.isTty || !stderr.isTty) {
        throw new StatusError(
          "FailedPrecondition",
          "cannot ask for a password without a terminal",
          {
            hint: "pass --creds USER:PASSWORD, or set CRICTL_CREDS",
          },
        );
      }
      const { askPassword } = await import("./prompts.ts");
      return await askPassword(question, place());
    },
    async pick(request) {
      if (!stdin.isTty || !stderr.canRedraw) {
        throw new StatusError("FailedPrecondition", "cannot ask which without a terminal");
      }
      const { askChoice } = await import("./prompts.ts");
      return await askChoice(request, { ...place(), columns: stderr.columns });
    },
    takeInterrupts(handler) {
      onInterrupt = handler;
      return () => {
        if (onInterrupt === handler) onInterrupt = undefined;
      };
    },
  };
  return {
    session,
    finalStatus: (status) => (isOutputClosed(signal) && status === 130 ? 0 : status),
    mustExit: () => stdin.isReopened(),
    async close() {
      for (const name of signals) process.off(name, onSignal);
      await backends.close();
      stdin.release();
    },
  };
}

function processInput(): InputStream & { release(): void; isReopened(): boolean } {
  const isTty = isatty(0);
  let opened: ReadStream | NodeJS.ReadStream | undefined;
  // Ctrl-D ends the stream that a command reads, but not the terminal: the next one reads it anew.
  const open = () => {
    if (opened === undefined) opened = process.stdin;
    else if (isTty && (opened.readableEnded || opened.destroyed)) opened = new ReadStream(0);
    return opened;
  };
  return {
    isTty,
    // A child that inherits the descriptor would not get what is read already.
    get fd() {
      return opened !== undefined && opened.readableLength > 0 ? undefined : 0;
    },
    stream: () => open() as unknown as Readable,
    enterRawMode() {
      const stdin = open();
      if (!stdin.isTTY || stdin.isRaw) return () => {};
      stdin.setRawMode(true);
      let restored = false;
      return () => {
        if (restored) return;
        restored = true;
        // Its end has closed it: the mode belongs to the terminal, which any stream of it can set.
        (stdin.destroyed ? open() : stdin).setRawMode(false);
      };
    },
    isReopened: () => opened !== undefined && opened !== process.stdin,
    release() {
      opened?.pause();
      opened?.unref?.();
    },
  };
}

/**
 * `onBroken` is told why nothing more can be written. A reader that went away is no failure: writes
 * to it resolve; where the device refuses what is written to stdout, they reject.
 */
function processOutput(
  fd: 1 | 2,
  onBroken: (reason: typeof OUTPUT_CLOSED | StatusError) => void,
): OutputStream {
  let place: NodeJS.WriteStream | undefined;
  let closed = false;
  const open = (): NodeJS.WriteStream => {
    if (place !== undefined) return place;
    place = fd === 1 ? process.stdout : process.stderr;
    place.on("error", (error) => {
      closed = true;
      onBroken(writeFailure(error) ?? OUTPUT_CLOSED);
    });
    return place;
  };
  const isTty = isatty(fd);
  const isDumb = process.env.TERM === "dumb";
  return {
    isTty,
    fd,
    color: isTty && !isDumb && !process.env.NO_COLOR,
    canRedraw: isTty && !isDumb,
    columns() {
      const told = Number(process.env.COLUMNS);
      if (Number.isInteger(told) && told > 0) return told;
      // A terminal of a program that set no size has 0.
      return (isTty && open().columns) || undefined;
    },
    sizes: (signal) => terminalSizes(open(), signal),
    write(chunk) {
      return new Promise((resolve, reject) => {
        if (closed || chunk.length === 0) return resolve();
        open().write(chunk, (error) => {
          const failure = fd === 1 ? writeFailure(error) : undefined;
          if (failure === undefined) resolve();
          else reject(failure);
        });
      });
    },
    stream: () => open() as Writable,
  };
}

/** Undefined where nothing failed or the reader went away. */
function writeFailure(error: NodeJS.ErrnoException | null | undefined): StatusError | undefined {
  if (!error || error.code === "EPIPE" || error.code === "EIO") return undefined;
  return new StatusError("ResourceExhausted", `cannot write to stdout: ${errnoText(error)}`);
}

async function* terminalSizes(
  terminal: NodeJS.WriteStream,
  signal: AbortSignal,
): AsyncGenerator<TerminalSize> {
  let wake: () => void = () => {};
  let changed = false;
  const onResize = () => {
    changed = true;
    wake();
  };
  const onAbort = () => wake();
  terminal.on("resize", onResize);
  signal.addEventListener("abort", onAbort);
  try {
    yield { columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 };
    while (!signal.aborted) {
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (signal.aborted) return;
      changed = false;
      yield { columns: terminal.columns ?? 80, rows: terminal.rows ?? 24 };
    }
  } finally {
    terminal.off("resize", onResize);
    signal.removeEventListener("abort", onAbort);
  }
}
