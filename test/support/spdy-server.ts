import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { encodeFrame } from "../../src/streaming/spdy/encode-frame.ts";
import type { SpdyFrame } from "../../src/streaming/spdy/frame.ts";
import { createFrameDecoder } from "../../src/streaming/spdy/frame-decoder.ts";
import { createHeaderCompressor } from "../../src/streaming/spdy/header-compression.ts";
import type { Cleanup } from "./cleanup.ts";

export const V4 = "v4.channel.k8s.io";
/** The streams of an exec without stdin, as both clients open them. */
export const [ERROR, STDOUT, STDERR] = [1, 3, 5] as const;
export const SUCCESS = '{"metadata":{},"status":"Success"}';

/** A streaming server that says what the test says, right or wrong. */
export interface SpdyServer {
  readonly url: string;
  readonly host: string;
  /** Takes the next connection. */
  accept(): Promise<SpdyPeer>;
}

export async function startSpdyServer(cleanup: Cleanup, host = "127.0.0.1"): Promise<SpdyServer> {
  const waiting: ((peer: SpdyPeer) => void)[] = [];
  const accepted: SpdyPeer[] = [];
  const server = createServer((socket) => {
    cleanup.add("end a connection", () => void socket.destroy());
    const peer = new SpdyPeer(socket);
    const wanted = waiting.shift();
    if (wanted === undefined) accepted.push(peer);
    else wanted(peer);
  });
  server.listen(0, host);
  await once(server, "listening");
  cleanup.add("stop the server", () => void server.close());
  const { port } = server.address() as AddressInfo;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return {
    url: `http://${authority}/exec/token`,
    host: authority,
    accept() {
      const peer = accepted.shift();
      if (peer !== undefined) return Promise.resolve(peer);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}

export class SpdyPeer {
  readonly socket: Socket;
  /** What the client has sent and nobody has waited for. */
  readonly received: SpdyFrame[] = [];
  isClosed = false;
  readonly #decoder = createFrameDecoder();
  readonly #compress = createHeaderCompressor();
  #head = Buffer.alloc(0);
  #request: string | undefined;
  #wanted: (() => void)[] = [];
  #nextPingId = 2;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  /** The head of the client's request. */
  async request(): Promise<string> {
    while (this.#request === undefined) await this.#news("the request");
    return this.#request;
  }

  /** Switches to SPDY when the client has asked for it; returns when the three streams are there. */
  async upgrade(protocol = V4): Promise<void> {
    await this.request();
    this.send(switching(protocol));
    for (const streamId of [ERROR, STDOUT, STDERR]) {
      const frame = await this.next("syn-stream");
      if (frame.streamId !== streamId || !frame.fin) throw new Error(`stream ${frame.streamId}`);
    }
  }

  /** As `upgrade`, with every stream accepted, and known to be so. */
  async open(protocol = V4): Promise<void> {
    await this.upgrade(protocol);
    this.say(...[ERROR, STDOUT, STDERR].map(reply));
    await this.roundTrip();
  }

  say(...frames: SpdyFrame[]): void {
    this.send(...frames.map((frame) => this.encode(frame)));
  }

  encode(frame: SpdyFrame): Buffer {
    return encodeFrame(frame, this.#compress);
  }

  send(...bytes: Uint8Array[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(bytes));
  }

  /** The next frame of that type; those before it are dropped. */
  async next<T extends SpdyFrame["type"]>(type: T): Promise<Extract<SpdyFrame, { type: T }>> {
    for (;;) {
      for (let next = this.received.shift(); next !== undefined; next = this.received.shift()) {
        if (isOfType(next, type)) return next;
      }
      await this.#news(`a frame ${type}`);
    }
  }

  /** Resolves when the client has dealt with all that was sent; returns what it has sent meanwhile. */
  async roundTrip(): Promise<SpdyFrame[]> {
    const id = this.#nextPingId;
    this.#nextPingId += 2;
    this.say({ type: "ping", id });
    const before: SpdyFrame[] = [];
    for (;;) {
      for (let next = this.received.shift(); next !== undefined; next = this.received.shift()) {
        if (next.type === "ping" && next.id === id) return before;
        before.push(next);
      }
      await this.#news(`the answer to ping ${id}`);
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#wanted.push(resolve));
  }

  #receive(bytes: Buffer): void {
    let rest = bytes;
    if (this.#request === undefined) {
      this.#head = Buffer.concat([this.#head, bytes]);
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#request = this.#head.toString("latin1", 0, end);
      rest = this.#head.subarray(end + 4);
    }
    this.received.push(...this.#decoder.decode(rest));
    this.#wake();
  }

  async #news(what: string): Promise<void> {
    if (this.isClosed) throw new Error(`the client hung up before ${what}`);
    await new Promise<void>((resolve) => this.#wanted.push(resolve));
  }

  #wake(): void {
    const wanted = this.#wanted;
    this.#wanted = [];
    for (const resolve of wanted) resolve();
  }
}

function isOfType<T extends SpdyFrame["type"]>(
  frame: SpdyFrame,
  type: T,
): frame is Extract<SpdyFrame, { type: T }> {
  return frame.type === type;
}

export function switching(protocol: string): Buffer {
  const name = protocol === "" ? "" : `X-Stream-Protocol-Version: ${protocol}\r\n`;
  const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n";
  return Buffer.from(`${head}${name}\r\n`);
}

export function reply(streamId: number): SpdyFrame {
  return { type: "syn-reply", streamId, fin: false, headers: new Map() };
}

export function data(streamId: number, text: string | Buffer = "", fin = false): SpdyFrame {
  return { type: "data", streamId, fin, data: Buffer.from(text) };
}

export function reset(streamId: number, status = 5): SpdyFrame {
  return { type: "rst-stream", streamId, status };
}

/** A control frame as it is. */
export function control(type: number, payload: Uint8Array, options: ControlOptions = {}): Buffer {
  const { version = 3, flags = 0, lengthBytes = payload.length } = options;
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(flags * 0x100_0000 + lengthBytes, 4);
  return Buffer.concat([head, payload]);
}

interface ControlOptions {
  readonly version?: number;
  readonly flags?: number;
  /** As the frame says it. */
  readonly lengthBytes?: number;
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
}
