/**
 * Everything a verb may touch. No verb touches `process`: the REPL's pipes, redirections and Ctrl-C
 * depend on it.
 */
import type { Readable, Writable } from "node:stream";
import type { Settings } from "../config/settings.ts";
import type { CriBackend, TerminalSize } from "../cri/backend.ts";
import type { Container, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import type { BackendPool } from "./backend-pool.ts";
import type { FlagValue } from "./command.ts";
import type { PickRequest } from "./pick-request.ts";

export interface Context {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by Ctrl-C, and when the program is told to end. One per command. */
  readonly signal: AbortSignal;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The backend, opened at the first call and shared by all commands of a session. */
  backend(): Promise<CriBackend>;
  /** Asks yes or no on the terminal; false without asking where there is none. */
  confirm(question: string): Promise<boolean>;
  /** Asks for a line of text; throws FailedPrecondition where there is no terminal. */
  askText(question: string): Promise<string>;
  /** Asks for a secret without echo; throws FailedPrecondition where there is no terminal. */
  askSecret(question: string): Promise<string>;
  /** Has objects chosen on the terminal; throws FailedPrecondition where there is none. */
  pick(request: PickRequest): Promise<readonly string[]>;
  /** What runs further commands: for `repl` alone. */
  readonly session: Session;
}

/**
 * What commands that run one after the other in a process share. A shell derives the session of a
 * line from its own: `{ ...session, stdin, stdout, signal }`. Whoever made the pool closes it.
 */
export interface Session {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by Ctrl-C: of the command that runs now. */
  readonly signal: AbortSignal;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly backends: BackendPool;
  /** Global flags that hold for every command of the session; a command's own go before them. */
  readonly globalFlags: Readonly<Record<string, FlagValue | undefined>>;
  /** The verb of a command line that names none; undefined makes that a usage error. */
  readonly defaultVerb: string | undefined;
  /** The questions of Context; the signal of the command that asks ends them with Cancelled. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
  askText(question: string, signal?: AbortSignal): Promise<string>;
  askSecret(question: string, signal?: AbortSignal): Promise<string>;
  pick(request: PickRequest, signal?: AbortSignal): Promise<readonly string[]>;
  /** What verbs without an object act on: the shell's context. */
  readonly defaultObjects?: DefaultObjects;
  /**
   * Asked before a failure to reach the runtime is printed: true where the user has been told of it
   * already. For a shell.
   */
  readonly hasToldOfLoss?: (() => Promise<boolean>) | undefined;
  /**
   * The runtime that commands mean has changed: what is known of the one before, and what of it is in
   * use, holds no more. For a shell.
   */
  readonly leaveRuntime?: () => void;
  /**
   * From now until the returned function is called, Ctrl-C asks the handler first: true means that
   * it has dealt with it, false that the session ends as without a handler. For a shell. The handler
   * before it is asked again afterwards.
   */
  takeInterrupts(handler: () => boolean): () => void;
}

/** The full IDs of the objects that a verb without any means; they may change between commands. */
export interface DefaultObjects {
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  /** How the user calls one of them. */
  nameOf(kind: "pod" | "container"): string;
  /** Throws NotFound where they are gone. Lists that are `known` already are not asked for again. */
  verify(context: Context, known?: KnownObjects): Promise<void>;
}

/** All containers or all pods of a runtime, as it has just listed them. */
export interface KnownObjects {
  readonly containers?: readonly Container[];
  readonly pods?: readonly PodSandbox[];
}

export interface InputStream {
  readonly isTty: boolean;
  /** Opened lazily: reading is what starts it. A REPL script's commands get an empty one. */
  stream(): Readable;
  /** The process's own descriptor 0, where this is it: what an inheriting child may be given. */
  readonly fd: number | undefined;
  /** Raw mode on a terminal; returns the function that restores it, which is idempotent. */
  enterRawMode(): () => void;
  /**
   * A text of several lines that is typed or pasted and ended by Ctrl-D, where a shell edits it.
   * Rejects with Cancelled at Ctrl-C.
   */
  readDocument?(options: DocumentOptions): Promise<string>;
}

export interface DocumentOptions {
  /** Shown before the first line; may end with a newline. */
  readonly prompt: string;
  readonly signal: AbortSignal;
}

export interface OutputStream {
  readonly isTty: boolean;
  /** Whether escape codes for colour may be written. */
  readonly color: boolean;
  /** Whether what was written can be written over: a terminal, and not a dumb one. */
  readonly canRedraw: boolean;
  /** Columns of the terminal, or what COLUMNS says; undefined where neither is known. */
  columns(): number | undefined;
  /** Sizes of the terminal, the present one first, then each change, until the signal aborts. */
  sizes(signal: AbortSignal): AsyncIterable<TerminalSize>;
  /**
   * Writes text or bytes; resolves when the consumer can take more. From then on the bytes are the
   * caller's again, who may write others over them.
   */
  write(chunk: string | Uint8Array): Promise<void>;
  /** The same place as a Node stream, for long byte streams. */
  stream(): Writable;
  readonly fd: number | undefined;
  /** On the stderr of a script: file and line that an error begins with, instead of `crish`. */
  place?(): string;
  /** How a failure is written there, where that is not crish's way. */
  formatError?(error: unknown): string;
}
