import type { Duplex } from "node:stream";
import { StatusError } from "../../errors/status-error.ts";
import { encodeFrame } from "./encode-frame.ts";
import {
  DEFAULT_WINDOW_BYTES,
  GOAWAY_STATUS,
  MAX_STREAM_ID,
  MAX_WINDOW_BYTES,
  RST_STATUS,
  SETTING_INITIAL_WINDOW_SIZE,
  type SpdyFrame,
  type SpdyHeaders,
  type SynStreamFrame,
} from "./frame.ts";
import { createFrameDecoder } from "./frame-decoder.ts";
import { createHeaderCompressor } from "./header-compression.ts";
import { MAX_CONTROL_BACKLOG_BYTES, STALL_BYTES, WINDOW_BYTES } from "./limits.ts";
import { malformed } from "./malformed.ts";
import { SpdyStream, type StreamCarrier } from "./stream.ts";

export interface SpdySessionOptions {
  readonly role: "client" | "server";
  /** Bytes that arrived together with the end of the HTTP upgrade. */
  readonly head?: Buffer;
  /** A stream that the peer opens: to be accepted or refused. Without it all are refused. */
  readonly onStream?: (stream: SpdyStream) => void;
  /** Keeps middle boxes from closing an idle connection; none by default. */
  readonly pingIntervalMs?: number;
}

/**
 * A SPDY/3.1 session over a connected duplex, which it owns from then on.
 *
 * Flow control. The peers of this field (moby/spdystream in containerd, CRI-O and the kubelet) never
 * send WINDOW_UPDATE and ignore those they get; they push back by not reading the connection. So a
 * window bounds our sending only after the peer has spoken of windows (a SETTINGS frame with an
 * initial window, or any WINDOW_UPDATE), and our own reader stops reading the connection when one
 * stream has more than STALL_BYTES unread. Between two of us the windows keep a slow stream from
 * holding up the others; with any peer memory stays bounded. Until the peer has spoken of windows it has
 * the largest: one that never does is told nothing more, as what we send while it closes the connection
 * may cost the last of its data.
 */
export class SpdySession {
  /** Resolves when the session has ended: undefined when this side closed it, else the reason. */
  readonly closed: Promise<StatusError | undefined>;

  readonly #transport: Duplex;
  readonly #options: SpdySessionOptions;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #stalled = new Set<SpdyStream>();
  readonly #compress = createHeaderCompressor();
  readonly #decoder = createFrameDecoder();
  readonly #carrier: StreamCarrier;
  readonly #pingTimer: NodeJS.Timeout | undefined;
  #settleClosed: (error: StatusError | undefined) => void = () => {};
  #state: "open" | "closing" | "closed" = "open";
  #reason: StatusError | undefined;
  #nextStreamId: number;
  #nextPingId: number;
  #lastPeerStreamId = 0;
  #peerHasWindows = false;
  #peerInitialWindowBytes = DEFAULT_WINDOW_BYTES;
  #sendWindowBytes = DEFAULT_WINDOW_BYTES;
  #uncreditedBytes = 0;
  readonly #uncreditedByStream = new WeakMap<SpdyStream, number>();

  constructor(transport: Duplex, options: SpdySessionOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#nextStreamId = options.role === "client" ? 1 : 2;
    this.#nextPingId = this.#nextStreamId;
    this.#carrier = this.#createCarrier();
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#sendGreeting();
    this.#listen();
    if (options.pingIntervalMs !== undefined) {
      this.#pingTimer = setInterval(() => this.#ping(), options.pingIntervalMs);
      this.#pingTimer.unref();
    }
  }

  /** True once neither side can send on any stream. */
  get isOver(): boolean {
    return this.#state !== "open";
  }

  /**
   * Opens a stream; its `opened` tells when the peer has accepted it. With `fin` nothing will be
   * written to it. Throws once closed.
   */
  open(headers: SpdyHeaders, { fin = false } = {}): SpdyStream {
    if (this.#state !== "open" || this.#nextStreamId > MAX_STREAM_ID) {
      throw this.#reason ?? new StatusError("Unavailable", "connection is closed");
    }
    const streamId = this.#nextStreamId;
    this.#nextStreamId += 2;
    const sendWindowBytes = this.#peerInitialWindowBytes;
    const options = { streamId, headers, sendWindowBytes, localFin: fin };
    const stream = new SpdyStream(this.#carrier, options);
    this.#streams.set(streamId, stream);
    this.#send({ type: "syn-stream", streamId, fin, unidirectional: false, headers });
    if (fin) stream.end();
    return stream;
  }

  /**
   * Says goodbye and ends the connection. What has been written still goes out, and a server reads
   * and drops for a moment what the client still sends: closing a socket with unread bytes in it makes the
   * kernel reset the connection, and the peer would lose the last of our data. Idempotent.
   */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    for (const stream of this.#streams.values()) {
      this.#send({ type: "rst-stream", streamId: stream.streamId, status: RST_STATUS.cancel });
    }
    this.#send({
      type: "goaway",
      lastStreamId: this.#lastPeerStreamId,
      status: GOAWAY_STATUS.ok,
    });
    // A client has got all that it waited for: it does not linger.
    const isClient = this.#options.role === "client";
    this.#transport.end(() => isClient && this.#transport.destroy());
    setTimeout(() => this.#transport.destroy(), LINGER_MS).unref();
    this.#finish(undefined);
    this.#stalled.clear();
    this.#transport.resume();
  }

  /** Ends the connection at once. Idempotent. */
  destroy(error?: StatusError): void {
    this.#transport.destroy();
    this.#finish(error);
  }

  #finish(error: StatusError | undefined): void {
    clearInterval(this.#pingTimer);
    if (this.#state === "open") this.#state = "closed";
    this.#reason ??= error;
    this.#settleClosed(error);
    const reason = error ?? new StatusError("Unavailable", "connection closed");
    for (const stream of [...this.#streams.values()]) stream.cut(reason);
    this.#streams.clear();
  }

  #listen(): void {
    const transport = this.#transport;
    const gone = (cause?: unknown): void => {
      this.#finish(new StatusError("Unavailable", "connection broke", { cause }));
    };
    transport.on("data", (chunk: Buffer) => this.#receive(chunk));
    transport.on("end", () => {
      gone(new Error("peer closed it"));
      transport.end();
    });
    transport.on("error", gone);
    transport.on("close", () => gone());
    transport.resume();
    if (this.#options.head !== undefined && this.#options.head.length > 0) {
      this.#receive(this.#options.head);
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#state !== "open") return;
    try {
      for (const frame of this.#decoder.decode(chunk)) this.#handle(frame);
    } catch (error) {
      const reason = error instanceof StatusError ? error : malformed("unreadable frame", error);
      const lastStreamId = this.#lastPeerStreamId;
      this.#send({ type: "goaway", lastStreamId, status: GOAWAY_STATUS.protocolError });
      // The peer's unread bytes do not matter any more, the goodbye may: it goes out first.
      this.#state = "closing";
      this.#transport.end(() => this.#transport.destroy());
      setTimeout(() => this.#transport.destroy(), LINGER_MS).unref();
      this.#finish(reason);
    }
  }

  #handle(frame: SpdyFrame): void {
    switch (frame.type) {
      case "data":
        this.#handleData(frame.streamId, frame.data, frame.fin);
        break;
      case "syn-stream":
        this.#handleSynStream(frame);
        break;
      case "syn-reply":
        this.#handleReply(frame.streamId, frame.fin);
        break;
      case "headers":
        this.#handleData(frame.streamId, Buffer.alloc(0), frame.fin);
        break;
      case "rst-stream": {
        const reason = frame.status === RST_STATUS.refusedStream ? "refused" : "reset";
        const error = new StatusError("Unavailable", `peer ${reason} the stream`);
        this.#streams.get(frame.streamId)?.cut(error);
        break;
      }
      case "settings":
        this.#handleSettings(frame.entries);
        break;
      case "window-update":
        this.#handleWindowUpdate(frame.streamId, frame.deltaBytes);
        break;
      case "ping":
        this.#handlePing(frame.id);
        break;
      case "goaway":
        // Streams that are open go on; the peer ends the connection when they are done.
        break;
    }
  }

  #handleData(streamId: number, data: Buffer, fin: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (!this.#wasOpened(streamId)) throw malformed("data of a stream that was never opened");
      // Late data of a stream that we reset.
      this.#creditSession(data.length);
      return;
    }
    if (!stream.receive(data, fin)) {
      this.#send({ type: "rst-stream", streamId, status: RST_STATUS.protocolError });
      stream.cut(malformed("data after the end of a stream"));
      return;
    }
    if (stream.readableLength > STALL_BYTES) {
      this.#stalled.add(stream);
      this.#transport.pause();
    }
  }

  #wasOpened(streamId: number): boolean {
    const isOurs = streamId % 2 === this.#nextStreamId % 2;
    return isOurs ? streamId < this.#nextStreamId : streamId <= this.#lastPeerStreamId;
  }

  #handleSynStream(frame: SynStreamFrame): void {
    const peerParity = this.#options.role === "client" ? 0 : 1;
    if (frame.streamId % 2 !== peerParity || frame.streamId <= this.#lastPeerStreamId) {
      throw malformed(`stream ${frame.streamId} cannot be opened`);
    }
    this.#lastPeerStreamId = frame.streamId;
    const onStream = this.#options.onStream;
    if (onStream === undefined || this.#streams.size >= MAX_STREAMS) {
      const status = RST_STATUS.refusedStream;
      if (this.#mayAnswer()) this.#send({ type: "rst-stream", streamId: frame.streamId, status });
      return;
    }
    const stream = new SpdyStream(this.#carrier, {
      streamId: frame.streamId,
      headers: frame.headers,
      sendWindowBytes: this.#peerInitialWindowBytes,
      localFin: frame.unidirectional,
      remoteFin: frame.fin,
    });
    this.#streams.set(frame.streamId, stream);
    onStream(stream);
  }

  #handleReply(streamId: number, fin: boolean): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.markOpen();
    if (fin) stream.receive(Buffer.alloc(0), true);
  }

  #handleSettings(entries: readonly { id: number; value: number }[]): void {
    const entry = entries.find(({ id }) => id === SETTING_INITIAL_WINDOW_SIZE);
    if (entry === undefined) return;
    if (entry.value > MAX_WINDOW_BYTES) throw malformed("initial window is too large");
    const change = entry.value - this.#peerInitialWindowBytes;
    this.#peerInitialWindowBytes = entry.value;
    this.#keepWindows();
    for (const stream of this.#streams.values()) stream.sendWindowBytes += change;
    this.#flushAll();
  }

  /** From the first that is heard of windows, those of our side are kept, too. */
  #keepWindows(): void {
    if (!this.#peerHasWindows) this.#sendInitialWindow(WINDOW_BYTES);
    this.#peerHasWindows = true;
  }

  #handleWindowUpdate(streamId: number, deltaBytes: number): void {
    this.#keepWindows();
    if (streamId === 0) {
      this.#sendWindowBytes += deltaBytes;
      if (this.#sendWindowBytes > MAX_WINDOW_BYTES) throw malformed("session window overflows");
      this.#flushAll();
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    stream.sendWindowBytes += deltaBytes;
    if (stream.sendWindowBytes > MAX_WINDOW_BYTES) {
      this.#send({ type: "rst-stream", streamId, status: RST_STATUS.flowControlError });
      stream.cut(malformed("stream window overflows"));
      return;
    }
    stream.flush();
  }

  #handlePing(id: number): void {
    if (id % 2 === this.#nextPingId % 2) return;
    if (this.#mayAnswer()) this.#send({ type: "ping", id });
  }

  /** A peer that asks without reading the answers must not fill our memory. */
  #mayAnswer(): boolean {
    return this.#transport.writableLength < MAX_CONTROL_BACKLOG_BYTES;
  }

  #ping(): void {
    // No answer is no failure: a peer that holds back our data does not read our pings either.
    if (this.#transport.writableLength > 0) return;
    this.#send({ type: "ping", id: this.#nextPingId });
    this.#nextPingId = this.#nextPingId + 2 > MAX_STREAM_ID ? 1 : this.#nextPingId + 2;
  }

  #sendGreeting(): void {
    this.#sendInitialWindow(MAX_WINDOW_BYTES);
    const deltaBytes = MAX_WINDOW_BYTES - DEFAULT_WINDOW_BYTES;
    this.#send({ type: "window-update", streamId: 0, deltaBytes });
  }

  #sendInitialWindow(bytes: number): void {
    const setting = { id: SETTING_INITIAL_WINDOW_SIZE, value: bytes };
    this.#send({ type: "settings", entries: [setting] });
  }

  #flushAll(): void {
    for (const stream of this.#streams.values()) stream.flush();
  }

  #createCarrier(): StreamCarrier {
    return {
      takeAllowance: (stream, wantedBytes) => this.#takeAllowance(stream, wantedBytes),
      sendData: ({ streamId }, data, fin, written) =>
        this.#send({ type: "data", streamId, fin, data }, written),
      sendReply: ({ streamId }) =>
        this.#send({ type: "syn-reply", streamId, fin: false, headers: new Map() }),
      sendReset: ({ streamId }, status) => this.#send({ type: "rst-stream", streamId, status }),
      credit: (stream, bytes) => this.#credit(stream, bytes),
      forget: (stream) => this.#forget(stream),
    };
  }

  #takeAllowance(stream: SpdyStream, wantedBytes: number): number {
    const windowBytes = Math.max(0, Math.min(stream.sendWindowBytes, this.#sendWindowBytes));
    const bytes = this.#peerHasWindows ? Math.min(wantedBytes, windowBytes) : wantedBytes;
    stream.sendWindowBytes -= bytes;
    this.#sendWindowBytes -= bytes;
    return bytes;
  }

  #credit(stream: SpdyStream, bytes: number): void {
    this.#creditSession(bytes);
    if (this.#stalled.delete(stream) && this.#stalled.size === 0) this.#transport.resume();
    const uncredited = (this.#uncreditedByStream.get(stream) ?? 0) + bytes;
    const isDue = uncredited >= WINDOW_BYTES / 4 && this.#peerHasWindows;
    this.#uncreditedByStream.set(stream, isDue ? 0 : uncredited);
    if (!isDue || !this.#streams.has(stream.streamId)) return;
    this.#send({ type: "window-update", streamId: stream.streamId, deltaBytes: uncredited });
  }

  #creditSession(bytes: number): void {
    this.#uncreditedBytes += bytes;
    if (!this.#peerHasWindows || this.#uncreditedBytes < MAX_WINDOW_BYTES / 4) return;
    this.#send({ type: "window-update", streamId: 0, deltaBytes: this.#uncreditedBytes });
    this.#uncreditedBytes = 0;
  }

  #forget(stream: SpdyStream): void {
    this.#streams.delete(stream.streamId);
    if (stream.destroyed) {
      if (this.#stalled.delete(stream) && this.#stalled.size === 0) this.#transport.resume();
    }
  }

  #send(frame: SpdyFrame, written?: () => void): void {
    if (this.#transport.destroyed || this.#transport.writableEnded) {
      written?.();
      return;
    }
    this.#transport.write(encodeFrame(frame, this.#compress), () => written?.());
  }
}

const MAX_STREAMS = 1024;
const LINGER_MS = 2_000;
