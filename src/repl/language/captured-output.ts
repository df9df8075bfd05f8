import { Writable } from "node:stream";
import type { OutputStream } from "../../cli/context.ts";

export interface CapturedOutput {
  readonly output: OutputStream;
  /** What was written, without the newlines at its end and without NUL, as in sh. */
  text(): string;
}

/** Keeps what is written; what it is told of a terminal is what `like` is. */
export function createCapturedOutput(like: Partial<OutputStream> = {}): CapturedOutput {
  const chunks: Uint8Array[] = [];
  const keep = (chunk: string | Uint8Array) => {
    chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk));
  };
  return {
    output: {
      isTty: like.isTty ?? false,
      fd: undefined,
      color: like.color ?? false,
      canRedraw: false,
      columns: () => like.columns?.(),
      async *sizes() {},
      write: async (chunk) => keep(chunk),
      stream: () =>
        new Writable({
          write(chunk, _encoding, done) {
            keep(chunk);
            done();
          },
        }),
    },
    text: () => withoutEnd(Buffer.concat(chunks).toString("utf8").replaceAll("\0", "")),
  };
}

function withoutEnd(text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === "\n") end--;
  return text.slice(0, end);
}
