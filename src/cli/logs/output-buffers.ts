import { fstatSync } from "node:fs";
import type { OutputStream } from "../context.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import type { LogStream } from "./log-entry.ts";

/** Where a log is printed to. */
export interface LogOutputs {
  readonly stdout: LogOutput;
  readonly stderr: LogOutput;
}

export type LogOutput = Pick<OutputStream, "write" | "fd" | "color">;

/**
 * How stdout and stderr stand to each other. `shared`: one place, so that all may go to stdout.
 * `apart`: nobody sees their order. `unknown`: the order of what is written to them is kept.
 */
export type OutputOrder = "shared" | "apart" | "unknown";

export function orderOfOutputs({ stdout, stderr }: LogOutputs): OutputOrder {
  if (stdout === stderr) return "shared";
  if (stdout.fd === undefined || stderr.fd === undefined) return "unknown";
  try {
    const [left, right] = [fstatSync(stdout.fd), fstatSync(stderr.fd)];
    return left.ino === right.ino && left.dev === right.dev ? "shared" : "apart";
  } catch {
    return "unknown";
  }
}

const FULL_BYTES = 128 * 1024;

/** Gathers what goes to stdout and stderr, so that it is written in large pieces. */
export class OutputBuffers {
  private readonly order: OutputOrder;
  private readonly streams: LogOutputs;
  private readonly buffers: Readonly<Record<LogStream, ByteBuffer>> = {
    stdout: new ByteBuffer(),
    stderr: new ByteBuffer(),
  };
  /** Where the order is unknown: the pieces of stdout's buffer. */
  private readonly pieces: { readonly stream: LogStream; readonly start: number }[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor({ stdout, stderr }: LogOutputs) {
    this.order = orderOfOutputs({ stdout, stderr });
    this.streams = { stdout, stderr };
  }

  /** Where to append what goes to that stream, until the next call. */
  to(stream: LogStream): ByteBuffer {
    if (this.order === "apart") return this.buffers[stream];
    const buffer = this.buffers.stdout;
    if (this.order === "unknown" && this.pieces.at(-1)?.stream !== stream) {
      this.pieces.push({ stream, start: buffer.length });
    }
    return buffer;
  }

  get isEmpty(): boolean {
    return this.buffers.stdout.length + this.buffers.stderr.length === 0;
  }

  get isFull(): boolean {
    return this.buffers.stdout.length + this.buffers.stderr.length >= FULL_BYTES;
  }

  /** Writes what was gathered. Calls wait for each other. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const { stdout, stderr } = this.buffers;
    const taken = stdout.take();
    const errors = stderr.take();
    const pieces = this.pieces.splice(0);
    if (this.order !== "unknown") {
      await this.streams.stdout.write(taken);
      await this.streams.stderr.write(errors);
      return;
    }
    for (const [index, { stream, start }] of pieces.entries()) {
      await this.streams[stream].write(taken.subarray(start, pieces[index + 1]?.start));
    }
  }
}
