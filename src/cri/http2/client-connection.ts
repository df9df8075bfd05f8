import type { ByteSocket, SocketEvents } from "../../host/connect-socket.ts";
import { checkResponse } from "./check-response.ts";
import {
  ClientStream,
  type Loss,
  type StreamEnd,
  type StreamHandle,
  type StreamHandler,
  type StreamRequest,
} from "./client-stream.ts";
import { FloodGuard } from "./flood-guard.ts";
import { ReceiveWindow } from "./flow-window.ts";
import { type FrameHandler, FrameReceiver } from "./frame-receiver.ts";
import { FrameSender } from "./frame-sender.ts";
import type { HeaderField } from "./header-field.ts";
import { DEFAULT_WINDOW_BYTES, ERROR, SETTING } from "./protocol.ts";
import { Violation } from "./violation.ts";

/** HTTP/2 begins at 64 KiB, which costs a round trip per 64 KiB of a large answer. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
/** Opened again as data comes: a stream that nobody reads must not hold up the others. */
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
const MAX_HEADER_LIST_BYTES = 64 * 1024;
const MAX_STREAM_ID = 2 ** 31 - 1;
/** Enough for any command's start, and few enough to be held back until there is an answer. */
const MAX_EARLY_REQUESTS = 8;

const OUR_SETTINGS: readonly (readonly [number, number])[] = [
  [SETTING.enablePush, 0],
  [SETTING.initialWindowSize, STREAM_WINDOW_BYTES],
  [SETTING.maxHeaderListSize, MAX_HEADER_LIST_BYTES],
];

export interface ConnectionEvents {
  /** The server's settings have come. */
  onReady(): void;
  /** It takes no more streams; those that run go on. Comes before `onClose`, or with it. */
  onDraining(): void;
  /** It is over, and each of its streams has been told. Not after `close`. */
  onClose(): void;
}

/**
 * One client connection. Requests that are opened before the server has sent its settings, or beyond
 * the number of streams that it allows, wait their turn. The socket keeps the process alive while a
 * stream is open. Any breach of the protocol ends the connection and is told to every stream.
 */
export class ClientConnection {
  readonly #events: ConnectionEvents;
  readonly #socket: ByteSocket;
  readonly #sender: FrameSender;
  readonly #receiver: FrameReceiver;
  readonly #guard = new FloodGuard(CONNECTION_WINDOW_BYTES);
  readonly #window = new ReceiveWindow(CONNECTION_WINDOW_BYTES);
  readonly #open = new Map<number, ClientStream>();
  readonly #waiting = new Set<ClientStream>();
  #nextId = 1;
  #maxStreams = Number.POSITIVE_INFINITY;
  #lastProcessed = MAX_STREAM_ID;
  #isConnected = false;
  #isReady = false;
  #isDraining = false;
  #isClosed = false;
  /** While frames are being read, what they cause is written together at their end. */
  #isReading = false;

  constructor(connect: (events: SocketEvents) => ByteSocket, events: ConnectionEvents) {
    this.#events = events;
    this.#socket = connect({
      onOpen: () => this.#guarded(() => this.#onOpen()),
      onData: (bytes) => this.#receive(bytes),
      onDrain: () => this.#guarded(() => this.#sender.drained()),
      onClose: (error) => this.#lose(error),
    });
    this.#sender = new FrameSender(this.#socket);
    this.#receiver = new FrameReceiver(this.#frameHandler(), MAX_HEADER_LIST_BYTES);
  }

  /** Sends the request as soon as it may be; never throws. */
  open(request: StreamRequest, handler: StreamHandler): StreamHandle {
    const stream = new ClientStream(request, handler, STREAM_WINDOW_BYTES);
    this.#waiting.add(stream);
    this.#socket.keepAlive(true);
    this.#guarded(() => this.#sendWaiting());
    return {
      take: (bytes) => this.#guarded(() => this.#take(stream, bytes)),
      send: (bytes) => this.#guarded(() => this.#send(stream, bytes)),
      cancel: () => this.#guarded(() => this.#cancel(stream)),
    };
  }

  /** Ends the connection and tells its streams why. */
  abandon(cause: Error): void {
    this.#lose(cause);
  }

  /** Ends the connection; streams that are open are not told. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  #frameHandler(): FrameHandler {
    return {
      isKnown: (id) => id % 2 === 1 && id < this.#nextId,
      onData: (id, content, frameBytes, ended) => this.#onData(id, content, frameBytes, ended),
      onHeaders: (id, fields, ended) => this.#onHeaders(id, fields, ended),
      onReset: (id, code) => this.#onReset(id, code),
      onSettings: (settings) => this.#onSettings(settings),
      onPing: (payload) => {
        this.#guard.countIdle();
        this.#sender.pingAck(payload);
      },
      onGoAway: (lastProcessed) => this.#onGoAway(lastProcessed),
      onWindowUpdate: (id, bytes) => this.#onWindowUpdate(id, bytes),
      onIdle: () => this.#guard.countIdle(),
    };
  }

  /**
   * The first requests go out with the preface where they are harmless. All others are made while the
   * server is answering it, and held until it has: no change must reach what is no server, or one that
   * stands still, in a call that then fails with "cannot connect". They go out before the settings are
   * acknowledged, as if sent at once.
   */
  #onOpen(): void {
    this.#isConnected = true;
    this.#sender.preface(OUR_SETTINGS);
    this.#sender.windowUpdate(0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
    this.#sendWaiting(true);
    this.#sender.flush();
    this.#sendWaiting();
  }

  #sendWaiting(onlyHarmless = false): void {
    if (!this.#isConnected) return;
    for (const stream of this.#waiting) {
      if (onlyHarmless && stream.request.isHarmless !== true) continue;
      if (this.#open.size >= (this.#isReady ? this.#maxStreams : MAX_EARLY_REQUESTS)) return;
      this.#waiting.delete(stream);
      if (this.#nextId > MAX_STREAM_ID) {
        this.#drain();
        this.#end(stream, { kind: "unprocessed" });
        continue;
      }
      stream.id = this.#nextId;
      this.#nextId += 2;
      this.#open.set(stream.id, stream);
      this.#guard.reset();
      this.#sender.request(stream);
    }
  }

  #send(stream: ClientStream, bytes: Uint8Array): void {
    if (!stream.isOver) this.#sender.more(stream, bytes);
  }

  #take(stream: ClientStream, bytes: number): void {
    const step = stream.receiveWindow.take(bytes);
    if (step > 0 && !stream.isOver) this.#sender.windowUpdate(stream.id, step);
  }

  #cancel(stream: ClientStream): void {
    if (stream.isOver) return;
    stream.isOver = true;
    if (stream.id !== 0) {
      this.#sender.reset(stream, ERROR.cancel);
      this.#guard.expectLate(STREAM_WINDOW_BYTES);
    }
    this.#leave(stream);
  }

  #receive(bytes: Uint8Array): void {
    this.#isReading = true;
    this.#guarded(() => {
      this.#receiver.receive(bytes, () => !this.#isClosed);
      if (!this.#isClosed) this.#sendWaiting();
    });
    this.#isReading = false;
    this.#flush();
  }

  #onData(streamId: number, content: Uint8Array, frameBytes: number, ended: boolean): void {
    this.#window.receive(frameBytes);
    const step = this.#window.take(frameBytes);
    if (step > 0) this.#sender.windowUpdate(0, step);
    const stream = this.#open.get(streamId);
    if (stream === undefined) {
      this.#guard.countLate(frameBytes);
      return;
    }
    if (content.length === 0 && !ended) this.#guard.countIdle();
    else this.#guard.reset();
    if (!stream.hasResponse) throw new Violation(ERROR.protocol, "data before a response");
    stream.receiveWindow.receive(frameBytes);
    this.#take(stream, frameBytes - content.length);
    if (content.length > 0) stream.handler.onData(content);
    if (ended) this.#finish(stream);
  }

  #onHeaders(streamId: number, fields: readonly HeaderField[], ended: boolean): void {
    const stream = this.#open.get(streamId);
    if (stream === undefined) this.#guard.countLate(0);
    else if (stream.hasResponse) this.#onTrailers(stream, fields, ended);
    else this.#onResponse(stream, fields, ended);
  }

  #onTrailers(stream: ClientStream, fields: readonly HeaderField[], ended: boolean): void {
    if (!ended) throw new Violation(ERROR.protocol, "a second response");
    checkResponse(fields, "trailers");
    this.#guard.reset();
    stream.handler.onTrailers(fields);
    this.#finish(stream);
  }

  #onResponse(stream: ClientStream, fields: readonly HeaderField[], ended: boolean): void {
    const status = checkResponse(fields, "response") ?? 0;
    if (status < 200) {
      if (ended) throw new Violation(ERROR.protocol, "an end without a response");
      this.#guard.countIdle();
      return;
    }
    this.#guard.reset();
    stream.hasResponse = true;
    stream.handler.onResponse(status, fields, ended);
    if (ended) this.#finish(stream);
  }

  #onReset(streamId: number, code: number): void {
    const stream = this.#open.get(streamId);
    if (stream === undefined) {
      this.#guard.countLate(0);
      return;
    }
    this.#end(stream, code === ERROR.refusedStream ? refusal(stream) : { kind: "reset", code });
  }

  #onSettings(settings: readonly (readonly [number, number])[]): void {
    this.#guard.countIdle();
    for (const [id, value] of settings) {
      if (id === SETTING.maxConcurrentStreams) this.#maxStreams = value;
    }
    this.#sender.apply(settings, this.#open.values());
    this.#sender.settingsAck();
    if (this.#isReady) return;
    this.#isReady = true;
    this.#events.onReady();
  }

  #onGoAway(lastProcessed: number): void {
    if (lastProcessed > this.#lastProcessed) {
      throw new Violation(ERROR.protocol, "a GOAWAY frame that takes back another");
    }
    this.#guard.countIdle();
    this.#lastProcessed = lastProcessed;
    this.#drain();
    for (const stream of [...this.#open.values(), ...this.#waiting]) {
      if (stream.id > lastProcessed || stream.id === 0) this.#end(stream, refusal(stream));
    }
    this.#closeWhenDrained();
  }

  #onWindowUpdate(streamId: number, bytes: number): void {
    const stream = this.#open.get(streamId);
    if (this.#sender.hasBodies) this.#guard.reset();
    else if (streamId === 0 || stream !== undefined) this.#guard.countIdle();
    else this.#guard.countLate(0);
    if (streamId === 0 || stream !== undefined) this.#sender.grow(stream, bytes);
  }

  /** The server ended it; what we have not sent of the request it does not want. */
  #finish(stream: ClientStream): void {
    if (stream.isSending && !stream.isOver) this.#sender.reset(stream, ERROR.cancel);
    this.#end(stream, { kind: "finished" });
  }

  #end(stream: ClientStream, end: StreamEnd): void {
    if (stream.isOver) return;
    stream.isOver = true;
    this.#leave(stream);
    stream.handler.onEnd(end);
  }

  #leave(stream: ClientStream): void {
    this.#open.delete(stream.id);
    this.#waiting.delete(stream);
    this.#sender.forget(stream);
    if (this.#open.size > 0 || this.#waiting.size > 0) return;
    this.#socket.keepAlive(false);
    this.#closeWhenDrained();
    // A connection that nobody waits for any more is not worth finishing.
    if (!this.#isReady) this.#lose(undefined);
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#events.onDraining();
  }

  #closeWhenDrained(): void {
    if (!this.#isDraining || this.#open.size > 0 || this.#isClosed) return;
    this.#sender.flush();
    this.close();
    this.#events.onClose();
  }

  #lose(cause: Error | undefined): void {
    if (this.#isClosed) return;
    this.close();
    const loss: Loss = { wasReady: this.#isReady, cause };
    this.#drain();
    for (const stream of [...this.#open.values(), ...this.#waiting]) {
      const isUnsent = this.#isReady && stream.id === 0;
      this.#end(stream, isUnsent ? { kind: "unprocessed" } : { kind: "lost", loss });
    }
    this.#events.onClose();
  }

  /** Runs what may find a breach; writes what it has caused. */
  #guarded(work: () => void): void {
    if (this.#isClosed) return;
    try {
      work();
      this.#flush();
    } catch (error) {
      if (error instanceof Violation && this.#isReady) {
        this.#sender.goAway(error.errorCode);
        this.#sender.flush();
      }
      this.#lose(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #flush(): void {
    if (this.#isReady && !this.#isReading && !this.#isClosed) this.#sender.flush();
  }
}

/** What the server says it has not looked at; where it has answered already, that is not to be believed. */
function refusal(stream: ClientStream): StreamEnd {
  if (stream.hasResponse) return { kind: "reset", code: ERROR.refusedStream };
  return { kind: "unprocessed" };
}
