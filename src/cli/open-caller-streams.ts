import type { Writable } from "node:stream";
import type { DialOptions, StreamIo } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import {
  createDetachFilter,
  DEFAULT_DETACH_KEYS,
  parseDetachKeys,
} from "../streaming/detach-keys.ts";
import type { Context } from "./context.ts";
import { canHandOver } from "./exec/can-hand-over.ts";
import { createTerminalLine } from "./terminal-line.ts";

export interface CallerStreamOptions {
  /** Pass the caller's stdin on. */
  readonly stdin: boolean;
  /** The remote side has a terminal: with stdin, the caller's is in raw mode meanwhile. */
  readonly tty: boolean;
  readonly dial?: DialOptions;
  /** The remote side may be given the caller's descriptors themselves. */
  readonly mayInherit?: boolean;
}

export interface CallerStreams {
  readonly io: StreamIo;
  /** Whether the stream ended because the user detached. */
  isDetached(): boolean;
  /**
   * What is told next, of a failure say, begins a line of its own: a prompt may stand on the terminal.
   * Nothing is written where the output has ended its line, or goes elsewhere.
   */
  endLine(): Promise<void>;
  /** Restores the terminal and lets go of stdin. Idempotent. */
  close(): void;
}

/**
 * The caller's ends of a stream to a container. Throws FailedPrecondition where a terminal is asked
 * for and stdin is none. Whoever opens them closes them, whatever happens.
 */
export function openCallerStreams(context: Context, options: CallerStreamOptions): CallerStreams {
  if (options.tty && !context.stdin.isTty) {
    throw new StatusError(
      "FailedPrecondition",
      "stdin is not a terminal, so there is none for -t",
      {
        hint: "leave out -t",
      },
    );
  }
  const detach = new AbortController();
  const signal = AbortSignal.any([context.signal, detach.signal]);
  const isRaw = options.tty && options.stdin;
  const inherit =
    options.mayInherit === true && ownsDescriptors(context) && (options.tty || canHandOver(1));
  const restoreMode = isRaw ? context.stdin.enterRawMode() : () => {};
  const input = pickInput(context, options, inherit, () => detach.abort());
  const sizes = new AbortController();
  const output = watchedOutput(context);
  const io: StreamIo = {
    ...(input === undefined ? {} : { stdin: input.stream }),
    // Made when they are read: many a backend needs no stream, and the first one takes milliseconds.
    get stdout() {
      return output.stream("stdout");
    },
    get stderr() {
      return options.tty ? undefined : output.stream("stderr");
    },
    write: (channel, bytes) => output.write(channel, bytes),
    ...(options.tty
      ? { resize: context.stdout.sizes(AbortSignal.any([signal, sizes.signal])) }
      : {}),
    signal,
    ...(inherit ? { inherit } : {}),
    ...(options.dial === undefined ? {} : { dial: options.dial }),
  };
  return {
    io,
    isDetached: () => detach.signal.aborted,
    endLine: () => output.endLine(),
    close() {
      sizes.abort();
      input?.close();
      restoreMode();
    },
  };
}

type Channel = "stdout" | "stderr";

/** The caller's outputs; what goes to the terminal is seen. */
function watchedOutput(context: Context) {
  const line = createTerminalLine();
  const watched = new Map<Channel, Writable>();
  return {
    stream(channel: Channel): Writable {
      const target = context[channel].stream();
      if (!context[channel].isTty) return target;
      const stream = watched.get(channel) ?? line.watch(target);
      watched.set(channel, stream);
      return stream;
    },
    async write(channel: Channel, bytes: Uint8Array): Promise<void> {
      if (context[channel].isTty) line.saw(bytes);
      await context[channel].write(bytes);
    },
    async endLine(): Promise<void> {
      if (line.isBegun() && context.stderr.isTty) await context.stderr.write("\r\n");
    },
  };
}

function ownsDescriptors({ stdin, stdout, stderr }: Context): boolean {
  return stdin.fd === 0 && stdout.fd === 1 && stderr.fd === 2;
}

function pickInput(
  context: Context,
  options: CallerStreamOptions,
  inherit: boolean,
  onDetach: () => void,
) {
  if (!options.stdin) return undefined;
  if (!options.tty || inherit) {
    const stream = context.stdin.stream();
    return { stream, close: () => stream.pause() };
  }
  return watchedKeys(context, onDetach);
}

/** The keys typed, except those that detach. */
function watchedKeys(context: Context, onDetach: () => void) {
  const source = context.stdin.stream();
  const { PassThrough } = process.getBuiltinModule("node:stream");
  const stream = new PassThrough();
  const keys = createDetachFilter(parseDetachKeys(DEFAULT_DETACH_KEYS));
  const onData = (chunk: Buffer) => {
    const { output, detached } = keys.filter(chunk);
    if (output.length > 0 && !stream.write(output)) {
      source.pause();
      stream.once("drain", () => source.resume());
    }
    if (detached) onDetach();
  };
  const onEnd = () => stream.end();
  source.on("data", onData);
  source.on("end", onEnd);
  // Paused by an earlier reader, it does not flow by itself.
  source.resume();
  return {
    stream,
    close() {
      source.off("data", onData);
      source.off("end", onEnd);
      source.pause();
      stream.destroy();
    },
  };
}
