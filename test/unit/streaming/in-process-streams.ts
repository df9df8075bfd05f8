import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { ExecStreamRequest, StreamIo, Streams } from "../../../src/cri/backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

/** What the in-process commands did, for the tests to see. */
export interface Seen {
  started: number;
  aborted: number;
  sizes: { columns: number; rows: number }[];
}

/**
 * Streams without a container: exec runs small commands in this process. `portForward` connects to
 * 127.0.0.1. Commands: cat, produce BYTES, digest, exit N, fail CODE, sizes N, both, hang.
 */
export function inProcessStreams(seen: Seen = { started: 0, aborted: 0, sizes: [] }): Streams {
  return {
    exec: async (request, io) => {
      seen.started++;
      io.signal.addEventListener("abort", () => seen.aborted++, { once: true });
      return { exitCode: await runCommand(request, io, seen) };
    },
    attach: async (request, io) => {
      await runCommand({ ...request, cmd: ["cat"], containerId: "" } as never, io, seen);
    },
    portForward: async () => ({
      connect: async (port): Promise<Duplex> => {
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
        await once(socket, "connect").catch((cause) => {
          throw new StatusError("Unavailable", "connection refused", { cause });
        });
        return socket;
      },
      close: async () => {},
    }),
  };
}

async function runCommand(request: ExecStreamRequest, io: StreamIo, seen: Seen): Promise<number> {
  const [name = "", argument = ""] = request.cmd;
  switch (name) {
    case "cat":
      for await (const chunk of io.stdin ?? []) await write(io.stdout, chunk);
      return 0;
    case "produce":
      for (const chunk of pattern(Number(argument))) await write(io.stdout, chunk);
      return 0;
    case "digest": {
      const hash = createHash("sha256");
      for await (const chunk of io.stdin ?? []) hash.update(chunk);
      await write(io.stdout, Buffer.from(hash.digest("hex")));
      return 0;
    }
    case "both":
      await write(io.stdout, Buffer.from("out"));
      await write(io.stderr, Buffer.from("err"));
      return 3;
    case "exit":
      return Number(argument);
    case "fail":
      throw new StatusError(argument as "NotFound", "no such container");
    case "sizes":
      for await (const size of io.resize ?? []) {
        seen.sizes.push(size);
        await write(io.stdout, Buffer.from(`${size.columns}x${size.rows}\n`));
        if (seen.sizes.length >= Number(argument)) return 0;
      }
      return 1;
    default:
      await once(io.signal, "abort");
      return 137;
  }
}

function write(sink: NodeJS.WritableStream | undefined, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (sink === undefined) resolve();
    else sink.write(chunk, () => resolve());
  });
}

/** Bytes that differ from block to block, in chunks of uneven length. */
export function* pattern(size: number): Generator<Buffer> {
  const block = Buffer.alloc(65_521);
  for (let offset = 0, index = 0; offset < size; index++) {
    block.fill(index % 251);
    block.writeUInt32BE(index, 0);
    const length = Math.min(block.length, size - offset);
    yield Buffer.from(block.subarray(0, length));
    offset += length;
  }
}

/** The sha256 of the whole pattern. */
export function patternDigest(size: number): string {
  const hash = createHash("sha256");
  for (const chunk of pattern(size)) hash.update(chunk);
  return hash.digest("hex");
}
