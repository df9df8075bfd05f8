import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { HpackDecoder } from "../../src/cri/http2/hpack-decoder.ts";
import type { Cleanup } from "./cleanup.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;
export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** A server of HTTP/2 frames as they are, right or wrong: the test says each of them. */
export interface FrameServer {
  /** As a client writes it. */
  readonly endpoint: string;
  /** Of its socket, where it has one. */
  readonly path: string;
  /** Takes the next connection, its preface read and nothing sent. */
  accept(): Promise<FrameConnection>;
}

export async function startFrameServer(
  cleanup: Cleanup,
  on: "unix" | "tcp" = "unix",
): Promise<FrameServer> {
  const path = join(await temporaryDirectory(cleanup, "frames"), "s.sock");
  const waiting: ((connection: FrameConnection) => void)[] = [];
  const accepted: FrameConnection[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const connection = new FrameConnection(socket);
    const wanted = waiting.shift();
    if (wanted === undefined) accepted.push(connection);
    else wanted(connection);
  });
  if (on === "unix") server.listen(path);
  else server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  cleanup.add("stop frame server", () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    path,
    endpoint:
      address === null || typeof address === "string"
        ? `unix://${path}`
        : `tcp://127.0.0.1:${address.port}`,
    accept() {
      const connection = accepted.shift();
      if (connection !== undefined) return Promise.resolve(connection);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

const PREFACE_BYTES = 24;

export class FrameConnection {
  readonly #socket: Socket;
  readonly #decoder = new HpackDecoder(1024 * 1024);
  readonly #frames: ReceivedFrame[] = [];
  readonly #wanted = new Set<() => void>();
  #bytes = Buffer.alloc(0);
  #isPrefaceRead = false;
  #isClosed = false;
  #marks = 0;
  /** What is called with each data frame, before anybody waits for it. */
  onData: ((frame: ReceivedFrame) => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  send(...frames: Uint8Array[]): void {
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat(frames));
  }

  /** The next frame of that type, or of any; those of other types before it are dropped. */
  async next(type?: number): Promise<ReceivedFrame> {
    for (;;) {
      for (let next = this.#frames.shift(); next !== undefined; next = this.#frames.shift()) {
        if (type === undefined || next.type === type) return next;
      }
      if (this.#isClosed) throw new Error(`the client hung up before a frame of type ${type}`);
      await new Promise<void>((resolve) => this.#wanted.add(resolve));
    }
  }

  /** The next request's stream and headers; every block has to be read, for the table's sake. */
  async request(): Promise<{ streamId: number; headers: Record<string, string> }> {
    const { streamId, payload } = await this.next(TYPE.headers);
    const fields = this.#decoder.decode(payload);
    return {
      streamId,
      headers: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
    };
  }

  /** Sends the server's settings and reads a first request. */
  async begin(...settings: [number, number][]): Promise<{ streamId: number }> {
    this.send(settingsFrame(...settings));
    return await this.request();
  }

  /** Resolves when the client has dealt with all that was sent; returns what it has sent meanwhile. */
  async roundTrip(): Promise<readonly ReceivedFrame[]> {
    const mark = Buffer.from(String(this.#marks++).padStart(8, "."));
    this.send(frame(TYPE.ping, 0, 0, mark));
    const before: ReceivedFrame[] = [];
    for (;;) {
      const received = await this.next();
      if (received.type === TYPE.ping && received.payload.equals(mark)) return before;
      before.push(received);
    }
  }

  /** Resolves when the client has hung up. */
  async closed(): Promise<void> {
    while (!this.#isClosed) await new Promise<void>((resolve) => this.#wanted.add(resolve));
  }

  pause(): void {
    this.#socket.pause();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.#isPrefaceRead) {
      if (this.#bytes.length < PREFACE_BYTES) return;
      this.#bytes = this.#bytes.subarray(PREFACE_BYTES);
      this.#isPrefaceRead = true;
    }
    while (this.#bytes.length >= 9) {
      const end = 9 + this.#bytes.readUIntBE(0, 3);
      if (this.#bytes.length < end) break;
      const received = {
        type: this.#bytes.readUInt8(3),
        flags: this.#bytes.readUInt8(4),
        streamId: this.#bytes.readUInt32BE(5),
        payload: this.#bytes.subarray(9, end),
      };
      this.#bytes = this.#bytes.subarray(end);
      if (received.type === TYPE.data) this.onData?.(received);
      this.#frames.push(received);
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#wanted) resolve();
    this.#wanted.clear();
  }
}

export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = new Uint8Array(0),
): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
}

export function settingsFrame(...settings: [number, number][]): Buffer {
  const payload = Buffer.concat(
    settings.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id & 0xff]), u32(value)])),
  );
  return frame(TYPE.settings, 0, 0, payload);
}

/** Headers as plain literals, which no table remembers. */
export function plainBlock(headers: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, "latin1");
    const length = [Math.min(bytes.length, 127)];
    if (bytes.length >= 127) {
      let rest = bytes.length - 127;
      for (; rest >= 128; rest >>= 7) length.push((rest & 0x7f) | 0x80);
      length.push(rest);
    }
    return Buffer.concat([Buffer.from(length), bytes]);
  };
  return Buffer.concat(
    Object.entries(headers).flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  );
}

export function headersFrame(
  streamId: number,
  headers: Readonly<Record<string, string>>,
  flags = 0,
): Buffer {
  return frame(TYPE.headers, END_HEADERS | flags, streamId, plainBlock(headers));
}

export const RESPONSE = { ":status": "200", "content-type": "application/grpc" };

export function message(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0]), u32(bytes.length), bytes]);
}

/** A whole answer: response, message, trailers. */
export function answer(streamId: number, content: Uint8Array = Buffer.from("answer")): Buffer {
  return Buffer.concat([
    headersFrame(streamId, RESPONSE),
    frame(TYPE.data, 0, streamId, message(content)),
    headersFrame(streamId, { "grpc-status": "0" }, END_STREAM),
  ]);
}
