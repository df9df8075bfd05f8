import { type Frame, FrameReader, readU31, readU32 } from "./frame-reader.ts";
import { HeaderBlock } from "./header-block.ts";
import type { HeaderField } from "./header-field.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { ERROR, FLAG, FRAME } from "./protocol.ts";
import { readSettings } from "./read-settings.ts";
import { stripPadding } from "./strip-padding.ts";
import { Violation } from "./violation.ts";

/** Told of frames that are right by themselves; whether they fit what went before is for it to say. */
export interface FrameHandler {
  /** Whether the stream was opened, be it over or not. */
  isKnown(streamId: number): boolean;
  /** `frameBytes` count in the windows: with the padding. */
  onData(streamId: number, content: Uint8Array, frameBytes: number, ended: boolean): void;
  onHeaders(streamId: number, fields: readonly HeaderField[], ended: boolean): void;
  onReset(streamId: number, errorCode: number): void;
  onSettings(settings: readonly (readonly [number, number])[]): void;
  onPing(payload: Uint8Array): void;
  onGoAway(lastStreamId: number): void;
  /** Of the connection where the stream is 0. */
  onWindowUpdate(streamId: number, bytes: number): void;
  /** A frame that asks for nothing. */
  onIdle(): void;
}

/** The receiving half of a connection: bytes to frames, each checked. Throws Violation. */
export class FrameReceiver {
  readonly #handler: FrameHandler;
  readonly #reader = new FrameReader();
  readonly #decoder: HpackDecoder;
  readonly #block: HeaderBlock;
  #hasSettings = false;

  constructor(handler: FrameHandler, maxHeaderListBytes: number) {
    this.#handler = handler;
    this.#decoder = new HpackDecoder(maxHeaderListBytes);
    this.#block = new HeaderBlock(maxHeaderListBytes);
  }

  /** Tells of the frames that the bytes complete, for as long as `goesOn` says so. */
  receive(bytes: Uint8Array, goesOn: () => boolean): void {
    this.#reader.read(bytes, (frame) => {
      this.#onFrame(frame);
      return goesOn();
    });
  }

  #onFrame(frame: Frame): void {
    this.#requireOrder(frame);
    switch (frame.type) {
      case FRAME.data:
        this.#onData(frame);
        break;
      case FRAME.headers:
      case FRAME.continuation:
        this.#onHeaders(frame);
        break;
      case FRAME.rstStream:
        this.#requireKnown(frame);
        requireSize(frame, 4);
        this.#handler.onReset(frame.streamId, readU32(frame.payload, 0));
        break;
      case FRAME.settings:
        this.#onSettings(frame);
        break;
      case FRAME.ping:
        this.#onPing(frame);
        break;
      case FRAME.goAway:
        this.#onGoAway(frame);
        break;
      case FRAME.windowUpdate:
        this.#onWindowUpdate(frame);
        break;
      case FRAME.pushPromise:
        throw new Violation(ERROR.protocol, "a push that was ruled out");
      case FRAME.priority:
        requireSize(frame, 5);
        this.#handler.onIdle();
        break;
      default:
        this.#handler.onIdle();
        break;
    }
  }

  #requireOrder(frame: Frame): void {
    const isSettings = frame.type === FRAME.settings && (frame.flags & FLAG.ack) === 0;
    if (!this.#hasSettings && !isSettings) {
      throw new Violation(ERROR.protocol, "no settings at first");
    }
    if (this.#block.isOpen && frame.type !== FRAME.continuation) {
      throw new Violation(ERROR.protocol, "a frame amid headers");
    }
  }

  #onData(frame: Frame): void {
    this.#requireKnown(frame);
    const content = stripPadding(frame);
    const ended = (frame.flags & FLAG.endStream) !== 0;
    this.#handler.onData(frame.streamId, content, frame.payload.length, ended);
  }

  #onHeaders(frame: Frame): void {
    this.#requireKnown(frame);
    const isFirst = frame.type === FRAME.headers;
    const complete = isFirst ? this.#block.begin(frame) : this.#block.continue(frame);
    if (complete === undefined) return;
    const fields = this.#decoder.decode(complete.block);
    this.#handler.onHeaders(complete.streamId, fields, complete.endStream);
  }

  #onSettings(frame: Frame): void {
    requireConnection(frame);
    if ((frame.flags & FLAG.ack) !== 0) {
      requireSize(frame, 0);
      this.#handler.onIdle();
      return;
    }
    const settings = readSettings(frame.payload);
    this.#hasSettings = true;
    this.#handler.onSettings(settings);
  }

  #onPing(frame: Frame): void {
    requireConnection(frame);
    requireSize(frame, 8);
    if ((frame.flags & FLAG.ack) === 0) this.#handler.onPing(frame.payload);
    else this.#handler.onIdle();
  }

  #onGoAway(frame: Frame): void {
    requireConnection(frame);
    if (frame.payload.length < 8) throw new Violation(ERROR.frameSize, "a short GOAWAY frame");
    this.#handler.onGoAway(readU31(frame.payload, 0));
  }

  #onWindowUpdate(frame: Frame): void {
    requireSize(frame, 4);
    if (frame.streamId !== 0) this.#requireKnown(frame);
    const bytes = readU31(frame.payload, 0);
    if (bytes === 0) throw new Violation(ERROR.protocol, "a window that opens by nothing");
    this.#handler.onWindowUpdate(frame.streamId, bytes);
  }

  #requireKnown(frame: Frame): void {
    if (!this.#handler.isKnown(frame.streamId)) throw misplaced(frame);
  }
}

function requireConnection(frame: Frame): void {
  if (frame.streamId !== 0) throw misplaced(frame);
}

function misplaced({ type, streamId }: Frame): Violation {
  return new Violation(ERROR.protocol, `a frame of type ${type} for stream ${streamId}`);
}

function requireSize({ type, payload }: Frame, bytes: number): void {
  if (payload.length === bytes) return;
  const size = payload.length;
  throw new Violation(ERROR.frameSize, `a frame of type ${type} with ${size} bytes`);
}
