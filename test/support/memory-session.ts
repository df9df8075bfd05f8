import { Readable, Writable } from "node:stream";
import type { InputStream, OutputStream, Session } from "../../src/cli/context.ts";
import type { CriBackend } from "../../src/cri/backend.ts";

export interface MemorySession {
  readonly session: Session;
  out(): string;
  err(): string;
}

/** A session that keeps what is written, for commands that are run inside a test. */
export function memorySession(
  backend: CriBackend | (() => Promise<CriBackend>),
  overrides: Partial<Session> = {},
): MemorySession {
  const out: string[] = [];
  const err: string[] = [];
  const session: Session = {
    env: { CRI_CONFIG_FILE: "/dev/null" },
    cwd: "/",
    signal: new AbortController().signal,
    stdin: memoryInput(),
    stdout: memoryOutput(out),
    stderr: memoryOutput(err),
    backends: {
      open: async () => (typeof backend === "function" ? await backend() : backend),
      close: async () => {},
    },
    globalFlags: {},
    defaultVerb: undefined,
    confirm: async () => false,
    askText: async () => "anna",
    askSecret: async () => "secret",
    pick: async () => [],
    takeInterrupts: () => () => {},
    ...overrides,
  };
  return { session, out: () => out.join(""), err: () => err.join("") };
}

export function memoryInput(fields: Partial<InputStream> = {}): InputStream {
  return {
    isTty: false,
    fd: undefined,
    stream: () => Readable.from([]),
    enterRawMode: () => () => {},
    ...fields,
  };
}

export function memoryOutput(chunks: string[], fields: Partial<OutputStream> = {}): OutputStream {
  const push = (chunk: string | Uint8Array) => {
    chunks.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
  };
  return {
    isTty: false,
    color: false,
    canRedraw: false,
    fd: undefined,
    columns: () => undefined,
    async *sizes() {},
    write: async (chunk) => push(chunk),
    stream: () =>
      new Writable({
        write(chunk, _encoding, done) {
          push(chunk);
          done();
        },
      }),
    ...fields,
  };
}
