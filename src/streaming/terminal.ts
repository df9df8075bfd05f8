import { type Readable, Transform } from "node:stream";
import type { StreamIo, TerminalSize } from "../cri/backend.ts";
import { createDetachFilter } from "./detach-keys.ts";
import { guardRestoration } from "./restore-guard.ts";

/** What of the caller's stdin a terminal session needs. */
export interface TerminalInput {
  stream(): Readable;
  /** Returns the function that restores the mode; it is idempotent. */
  enterRawMode(): () => void;
}

/** What of the caller's stdout a terminal session needs. */
export interface TerminalOutput {
  sizes(signal: AbortSignal): AsyncIterable<TerminalSize>;
}

export interface TerminalOptions {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  /** Ends the session. */
  readonly signal: AbortSignal;
  /** From parseDetachKeys; without them nothing typed detaches. */
  readonly detachKeys?: Buffer | undefined;
}

export type TerminalOutcome<T> =
  | { readonly detached: true }
  | { readonly detached: false; readonly value: T };

/**
 * Runs `work` with the terminal in raw mode. It gets the typed bytes, the terminal's sizes, and a
 * signal that the detach keys abort too; when they did, the outcome is `detached` whatever became of
 * `work`. The mode is restored when `work` settles and when the process ends, also by a signal.
 * stdin is left paused and open.
 */
export async function withTerminal<T>(
  options: TerminalOptions,
  work: (io: Required<Pick<StreamIo, "stdin" | "resize" | "signal">>) => Promise<T>,
): Promise<TerminalOutcome<T>> {
  const detach = new AbortController();
  const done = new AbortController();
  const source = options.input.stream();
  const stdin = detachable(options.detachKeys ?? Buffer.alloc(0), () => detach.abort());
  const restore = options.input.enterRawMode();
  const lift = guardRestoration(restore);
  try {
    const resize = options.output.sizes(AbortSignal.any([done.signal, options.signal]));
    source.pipe(stdin);
    const signal = AbortSignal.any([options.signal, detach.signal]);
    const value = await work({ stdin, resize, signal });
    return detach.signal.aborted ? { detached: true } : { detached: false, value };
  } catch (error) {
    if (detach.signal.aborted) return { detached: true };
    throw error;
  } finally {
    done.abort();
    restore();
    lift();
    source.unpipe(stdin);
    source.pause();
    stdin.destroy();
  }
}

/** Passes on what is typed, and calls back once when the keys were. */
function detachable(keys: Buffer, onDetach: () => void): Transform {
  const keyFilter = createDetachFilter(keys);
  let isDetached = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isDetached) {
        done();
        return;
      }
      const { output, detached } = keyFilter.filter(chunk);
      if (output.length > 0) this.push(output);
      isDetached = detached;
      done();
      if (detached) onDetach();
    },
    flush(done) {
      const rest = keyFilter.rest();
      done(null, rest.length > 0 ? rest : undefined);
    },
  });
}
