import type { ByteSocket } from "../../host/connect-socket.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { ClientStream } from "./client-stream.ts";
import { SendWindow } from "./flow-window.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW_BYTES,
  ERROR,
  FLAG,
  FRAME,
  PREFACE,
  SETTING,
} from "./protocol.ts";
import { Violation } from "./violation.ts";

/** Bytes in front of the socket beyond which bodies wait until it has drained. */
const BODY_HIGH_WATER_BYTES = 512 * 1024;
/** Beyond this the other side makes us answer and does not read the answers. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** Larger frames gain nothing, and small calls would wait behind them. */
const MAX_SENT_FRAME_BYTES = 64 * 1024;

/** The sending half of a connection: frames go into one buffer, which `flush` hands to the socket. */
export class FrameSender {
  readonly #socket: ByteSocket;
  readonly #out = new ByteWriter();
  readonly #encoder = new HpackEncoder();
  readonly #window = new SendWindow(DEFAULT_WINDOW_BYTES);
  readonly #bodies = new Set<ClientStream>();
  #initialWindowBytes = DEFAULT_WINDOW_BYTES;
  #maxFrameBytes = DEFAULT_FRAME_BYTES;

  constructor(socket: ByteSocket) {
    this.#socket = socket;
  }

  get hasBodies(): boolean {
    return this.#bodies.size > 0;
  }

  preface(settings: readonly (readonly [number, number])[]): void {
    this.#out.latin1(PREFACE);
    this.#frameHeader(settings.length * 6, FRAME.settings, 0, 0);
    for (const [id, value] of settings) {
      this.#out.u16(id);
      this.#out.u32(value);
    }
  }

  settingsAck(): void {
    this.#requireReader();
    this.#frameHeader(0, FRAME.settings, FLAG.ack, 0);
  }

  pingAck(payload: Uint8Array): void {
    this.#requireReader();
    this.#frameHeader(payload.length, FRAME.ping, FLAG.ack, 0);
    this.#out.bytes(payload);
  }

  windowUpdate(streamId: number, bytes: number): void {
    this.#frameHeader(4, FRAME.windowUpdate, 0, streamId);
    this.#out.u32(bytes);
  }

  reset(stream: ClientStream, errorCode: number): void {
    this.#bodies.delete(stream);
    this.#frameHeader(4, FRAME.rstStream, 0, stream.id);
    this.#out.u32(errorCode);
  }

  goAway(errorCode: number): void {
    this.#frameHeader(8, FRAME.goAway, 0, 0);
    this.#out.u32(0);
    this.#out.u32(errorCode);
  }

  /** Headers now, the body as far as windows and socket allow. */
  request(stream: ClientStream): void {
    stream.sendWindow = new SendWindow(this.#initialWindowBytes);
    this.#headers(stream);
    this.#bodies.add(stream);
    this.#sendBodies();
  }

  /** The next part of a body whose parts so far have been sent. */
  more(stream: ClientStream, bytes: Uint8Array): void {
    stream.body = bytes;
    stream.sentBytes = 0;
    this.#bodies.add(stream);
    this.#sendBodies();
  }

  forget(stream: ClientStream): void {
    this.#bodies.delete(stream);
  }

  /** Takes over the other side's settings; `open` are the streams whose windows move with them. */
  apply(settings: readonly (readonly [number, number])[], open: Iterable<ClientStream>): void {
    for (const [id, value] of settings) {
      if (id === SETTING.headerTableSize) this.#encoder.limitTable(value);
      if (id === SETTING.maxFrameSize) this.#maxFrameBytes = Math.min(value, MAX_SENT_FRAME_BYTES);
      if (id !== SETTING.initialWindowSize) continue;
      const change = value - this.#initialWindowBytes;
      this.#initialWindowBytes = value;
      for (const stream of open) stream.sendWindow.grow(change);
    }
    this.#sendBodies();
  }

  /** The other side has opened a window: of a stream, or of the connection where there is none. */
  grow(stream: ClientStream | undefined, bytes: number): void {
    (stream?.sendWindow ?? this.#window).grow(bytes);
    this.#sendBodies();
  }

  /** The socket has room again. */
  drained(): void {
    this.#sendBodies();
  }

  flush(): void {
    if (this.#out.length === 0) return;
    this.#socket.write(this.#out.view());
    this.#out.reset();
  }

  #headers(stream: ClientStream): void {
    const block = new ByteWriter(512);
    this.#encoder.encode(stream.request.headers(), block);
    const bytes = block.view();
    for (let at = 0; at === 0 || at < bytes.length; at += this.#maxFrameBytes) {
      const part = bytes.subarray(at, at + this.#maxFrameBytes);
      const isLast = at + part.length === bytes.length;
      const type = at === 0 ? FRAME.headers : FRAME.continuation;
      this.#frameHeader(part.length, type, isLast ? FLAG.endHeaders : 0, stream.id);
      this.#out.bytes(part);
    }
  }

  /** A frame of each body in turn, so that a small call does not wait behind a large one. */
  #sendBodies(): void {
    let hasSent = true;
    while (hasSent) {
      hasSent = false;
      for (const stream of this.#bodies) {
        if (this.#socket.unsentBytes > BODY_HIGH_WATER_BYTES) return;
        if (this.#sendPart(stream)) hasSent = true;
      }
      if (this.#out.length >= BODY_HIGH_WATER_BYTES) this.flush();
    }
  }

  #sendPart(stream: ClientStream): boolean {
    const allowed = Math.min(this.#window.availableBytes, stream.sendWindow.availableBytes);
    const bytes = Math.min(stream.unsentBytes, allowed, this.#maxFrameBytes);
    if (bytes <= 0) return false;
    const from = stream.sentBytes;
    stream.sentBytes += bytes;
    stream.sendWindow.availableBytes -= bytes;
    this.#window.availableBytes -= bytes;
    this.#frameHeader(bytes, FRAME.data, stream.isSending ? 0 : FLAG.endStream, stream.id);
    this.#out.bytes(stream.body.subarray(from, from + bytes));
    if (stream.unsentBytes === 0) {
      this.#bodies.delete(stream);
      stream.handler.onSent?.();
    }
    return true;
  }

  #frameHeader(payloadBytes: number, type: number, flags: number, streamId: number): void {
    this.#out.u24(payloadBytes);
    this.#out.u8(type);
    this.#out.u8(flags);
    this.#out.u32(streamId);
  }

  #requireReader(): void {
    if (this.#socket.unsentBytes + this.#out.length <= MAX_UNSENT_BYTES) return;
    throw new Violation(ERROR.enhanceYourCalm, "questions without reading the answers");
  }
}
