import { readU31, readU32 } from "../../cri/http2/frame-reader.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ByteSocket } from "../../host/connect-socket.ts";
import {
  CONTROL_TYPE,
  DEFAULT_WINDOW_BYTES,
  FLAG_FIN,
  GOAWAY_STATUS,
  MAX_WINDOW_BYTES,
  RST_STATUS,
  SETTING_INITIAL_WINDOW_SIZE,
} from "../spdy/frame.ts";
import { MAX_CONTROL_BACKLOG_BYTES, STALL_BYTES, WINDOW_BYTES } from "../spdy/limits.ts";
import { malformed } from "../spdy/malformed.ts";
import { requireAtLeast, requireExactly } from "../spdy/payload-length.ts";
import { ControlFrames } from "./control-frames.ts";
import { FrameScanner, streamIdAt } from "./frame-scanner.ts";
import type { LeanStream } from "./lean-stream.ts";

/**
 * The client's side of a SPDY/3.1 session on whose streams only the server sends: what an exec without
 * stdin needs, for its start. It loads neither streams nor zlib: neither the headers of an answer nor the
 * windows for what we send are looked at. Flow control is that of src/streaming/spdy/session.ts: what is
 * not taken is bounded, by windows where the peer has them, else by not reading the connection.
 */
export class LeanSession {
  readonly #socket: ByteSocket;
  readonly #frames = new ControlFrames();
  readonly #scanner = new FrameScanner({
    onData: (streamId, part, fin) => this.#onData(streamId, part, fin),
    onControl: (type, flags, payload) => this.#onControl(type, flags, payload),
  });
  readonly #streams = new Map<number, LeanStream>();
  readonly #pings: NodeJS.Timeout;
  #nextStreamId = 1;
  #lastPeerStreamId = 0;
  #nextPingId = 1;
  #isOver = false;
  #isStalled = false;
  #peerHasWindows = false;
  #uncreditedBytes = 0;

  constructor(socket: ByteSocket, pingIntervalMs: number) {
    this.#socket = socket;
    this.#frames.setting(SETTING_INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES);
    this.#frames.windowUpdate(0, MAX_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
    // Keeps middle boxes from closing an idle connection. No answer is no failure.
    this.#pings = setInterval(() => this.#ping(), pingIntervalMs);
    this.#pings.unref();
  }

  /**
   * Opens a stream and says that nothing will be sent on it; goes out with `flush`. Said at once, not when
   * it ends: the server closes the connection right behind the status, and a frame that crosses with that
   * makes the kernel drop the status unread.
   */
  open(stream: LeanStream, name: string, value: string): void {
    const streamId = this.#nextStreamId;
    this.#nextStreamId += 2;
    this.#streams.set(streamId, stream);
    this.#frames.open(streamId, name, value);
    stream.onTaken = (bytes) => this.#credit(streamId, stream, bytes);
  }

  flush(): void {
    const { out } = this.#frames;
    if (out.length === 0) return;
    if (!this.#isOver) this.#socket.write(out.view());
    out.reset();
  }

  receive(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#scanner.scan(bytes);
      this.flush();
    } catch (error) {
      this.#frames.goAway(this.#lastPeerStreamId, GOAWAY_STATUS.protocolError);
      this.flush();
      this.#socket.end();
      this.#finish(error instanceof StatusError ? error : malformed("unreadable frame", error));
    }
  }

  /** Ends every stream after what has come: the peer has said all that it had to say. */
  endStreams(): void {
    for (const [, stream] of this.#streams) stream.end(undefined);
    this.#streams.clear();
  }

  /** Lets what was written go out, says goodbye and ends the connection. Idempotent. */
  close(): void {
    if (this.#isOver) return;
    for (const [streamId] of this.#streams) this.#frames.reset(streamId, RST_STATUS.cancel);
    this.#frames.goAway(this.#lastPeerStreamId, GOAWAY_STATUS.ok);
    this.flush();
    this.#socket.end();
    this.#finish(new StatusError("Unavailable", "connection closed"));
  }

  /** Ends the connection at once; what is not taken is dropped. Idempotent. */
  destroy(): void {
    this.#socket.close();
    for (const [, stream] of this.#streams) stream.drop();
    this.#finish(new StatusError("Unavailable", "connection closed"));
  }

  /** The connection is over: streams end with what has come. */
  lose(cause: Error | undefined): void {
    this.#finish(new StatusError("Unavailable", "connection broke", { cause }));
  }

  #finish(reason: StatusError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#pings);
    for (const [, stream] of this.#streams) stream.end(reason);
    this.#streams.clear();
  }

  #onData(streamId: number, part: Uint8Array, fin: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (!this.#wasOpened(streamId)) throw malformed("data of a stream that was never opened");
      this.#creditSession(part.length);
      return;
    }
    if (stream.isEnded) {
      this.#frames.reset(streamId, RST_STATUS.protocolError);
      this.#streams.delete(streamId);
      stream.end(malformed("data after the end of a stream"));
      return;
    }
    if (part.length > 0) stream.receive(part);
    if (fin) stream.end(undefined);
    if (stream.heldBytes <= STALL_BYTES || this.#isStalled) return;
    this.#isStalled = true;
    this.#socket.pause();
  }

  #wasOpened(streamId: number): boolean {
    return streamId % 2 === 1 ? streamId < this.#nextStreamId : streamId <= this.#lastPeerStreamId;
  }

  #onControl(type: number, flags: number, payload: Uint8Array): void {
    const fin = (flags & FLAG_FIN) !== 0;
    switch (type) {
      case CONTROL_TYPE.synReply:
        requireAtLeast(payload, 4, "SYN_REPLY or HEADERS");
        this.#onReply(streamIdAt(payload, 0), fin);
        break;
      case CONTROL_TYPE.headers:
        requireAtLeast(payload, 4, "SYN_REPLY or HEADERS");
        this.#onData(streamIdAt(payload, 0), payload.subarray(0, 0), fin);
        break;
      case CONTROL_TYPE.rstStream:
        requireExactly(payload, 8, "RST_STREAM");
        this.#onReset(streamIdAt(payload, 0), readU32(payload, 4));
        break;
      case CONTROL_TYPE.ping:
        requireExactly(payload, 4, "PING");
        this.#onPing(readU32(payload, 0));
        break;
      case CONTROL_TYPE.synStream:
        requireAtLeast(payload, 10, "SYN_STREAM");
        this.#onSynStream(streamIdAt(payload, 0));
        break;
      case CONTROL_TYPE.settings:
        this.#onSettings(payload);
        break;
      case CONTROL_TYPE.windowUpdate:
        requireExactly(payload, 8, "WINDOW_UPDATE");
        if (readU31(payload, 4) === 0) throw malformed("WINDOW_UPDATE of 0 bytes");
        this.#keepWindows();
        break;
      case CONTROL_TYPE.goAway:
        // Streams that are open go on; the peer ends the connection when they are done.
        requireExactly(payload, 8, "GOAWAY");
        break;
    }
  }

  #onReply(streamId: number, fin: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined || stream.isAccepted) return;
    stream.isAccepted = true;
    stream.opened.resolve();
    if (fin) stream.end(undefined);
  }

  #onReset(streamId: number, status: number): void {
    const what = status === RST_STATUS.refusedStream ? "refused" : "reset";
    this.#streams.get(streamId)?.end(new StatusError("Unavailable", `peer ${what} the stream`));
    this.#streams.delete(streamId);
  }

  #onSynStream(streamId: number): void {
    if (streamId % 2 === 1 || streamId <= this.#lastPeerStreamId) {
      throw malformed(`stream ${streamId} cannot be opened`);
    }
    this.#lastPeerStreamId = streamId;
    if (this.#mayAnswer()) this.#frames.reset(streamId, RST_STATUS.refusedStream);
  }

  /** It concerns what we send, which is nothing; but it tells that the peer has windows. */
  #onSettings(payload: Uint8Array): void {
    requireAtLeast(payload, 4, "SETTINGS");
    const count = readU32(payload, 0);
    requireExactly(payload, 4 + 8 * count, "SETTINGS");
    for (let at = 4; at < payload.length; at += 8) {
      const id = readU32(payload, at) % 0x100_0000;
      if (id === SETTING_INITIAL_WINDOW_SIZE) this.#keepWindows();
    }
  }

  /** Until the peer has spoken of windows it has the largest, as in session.ts. */
  #keepWindows(): void {
    if (!this.#peerHasWindows) this.#frames.setting(SETTING_INITIAL_WINDOW_SIZE, WINDOW_BYTES);
    this.#peerHasWindows = true;
  }

  /** Odd ones are answers to ours. */
  #onPing(id: number): void {
    if (id % 2 === 0 && this.#mayAnswer()) this.#frames.ping(id);
  }

  /** A peer that does not read the answers must not fill our memory. */
  #mayAnswer(): boolean {
    return this.#socket.unsentBytes < MAX_CONTROL_BACKLOG_BYTES;
  }

  #ping(): void {
    if (this.#socket.unsentBytes > 0) return;
    this.#frames.ping(this.#nextPingId);
    this.#nextPingId = this.#nextPingId + 2 > 0x7fff_ffff ? 1 : this.#nextPingId + 2;
    this.flush();
  }

  #credit(streamId: number, stream: LeanStream, bytes: number): void {
    this.#creditSession(bytes);
    stream.uncreditedBytes += bytes;
    if (this.#peerHasWindows && stream.uncreditedBytes >= WINDOW_BYTES / 4) {
      if (this.#streams.has(streamId)) {
        this.#frames.windowUpdate(streamId, stream.uncreditedBytes);
      }
      stream.uncreditedBytes = 0;
    }
    if (this.#isStalled && this.#heldByAll() <= STALL_BYTES) {
      this.#isStalled = false;
      this.#socket.resume();
    }
    this.flush();
  }

  #creditSession(bytes: number): void {
    this.#uncreditedBytes += bytes;
    if (!this.#peerHasWindows || this.#uncreditedBytes < MAX_WINDOW_BYTES / 4) return;
    this.#frames.windowUpdate(0, this.#uncreditedBytes);
    this.#uncreditedBytes = 0;
  }

  #heldByAll(): number {
    let held = 0;
    for (const [, stream] of this.#streams) held += stream.heldBytes;
    return held;
  }
}
