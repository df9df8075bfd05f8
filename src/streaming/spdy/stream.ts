import { Duplex } from "node:stream";
import { StatusError } from "../../errors/status-error.ts";
import { RST_STATUS, type SpdyHeaders } from "./frame.ts";

/** What a stream needs of the session that carries it. */
export interface StreamCarrier {
  /** How many of these bytes may be sent on the stream now; they count as sent. */
  takeAllowance(stream: SpdyStream, wantedBytes: number): number;
  sendData(stream: SpdyStream, data: Buffer, fin: boolean, written: () => void): void;
  sendReply(stream: SpdyStream): void;
  sendReset(stream: SpdyStream, status: number): void;
  /** The reader has taken bytes: more may come. */
  credit(stream: SpdyStream, bytes: number): void;
  forget(stream: SpdyStream): void;
}

/**
 * One stream of a session, with half-close both ways: `end()` sends FIN, in one frame with the chunk that
 * it is given, the peer's FIN ends the readable side, `destroy()` resets what is still open. Writes wait
 * until the peer has accepted the stream (spdystream drops data that comes before its reply) and for the
 * peer's window.
 *
 * When the peer resets the stream or the connection breaks, what has arrived stays readable and then
 * ends, what is still written is dropped, and `cut` is emitted once with a StatusError.
 */
export class SpdyStream extends Duplex {
  readonly streamId: number;
  readonly headers: SpdyHeaders;
  /** Resolves when the peer has accepted the stream; rejects with Unavailable when it never will. */
  readonly opened: Promise<void>;
  /** Bytes that may still be sent; below zero where the peer's setting came after our data. */
  sendWindowBytes: number;
  /**
   * What the end, after that many bytes, waits for before the reader sees it, be it the peer's or that
   * of a `cut`. It never rejects.
   */
  beforeEnd: ((receivedBytes: number) => Promise<void>) | undefined;

  readonly #carrier: StreamCarrier;
  #settleOpened: { resolve: () => void; reject: (error: StatusError) => void } | undefined;
  #isOpen = false;
  #isOver = false;
  #localFin: boolean;
  #remoteFin: boolean;
  #isEndedByPeer: boolean;
  #receivedBytes = 0;
  #creditedBytes = 0;
  /** Of the chunk that is being written: its length, and what of it is not sent. */
  #chunkBytes = 0;
  #rest: Buffer | undefined;
  #written: (() => void) | undefined;

  constructor(carrier: StreamCarrier, options: SpdyStreamOptions) {
    super({ readableHighWaterMark: BUFFER_BYTES, writableHighWaterMark: BUFFER_BYTES });
    this.#carrier = carrier;
    this.streamId = options.streamId;
    this.headers = options.headers;
    this.sendWindowBytes = options.sendWindowBytes;
    this.#localFin = options.localFin ?? false;
    this.#remoteFin = options.remoteFin ?? false;
    this.#isEndedByPeer = this.#remoteFin;
    this.opened = new Promise((resolve, reject) => {
      this.#settleOpened = { resolve, reject };
    });
    this.opened.catch(() => {});
    if (this.#remoteFin) this.push(null);
  }

  /** The server's consent to a stream that the peer opened. */
  accept(): void {
    if (this.#isOver || this.#isOpen) return;
    this.#carrier.sendReply(this);
    this.markOpen();
  }

  /** The server's refusal of a stream that the peer opened. */
  refuse(): void {
    this.#carrier.sendReset(this, RST_STATUS.refusedStream);
    this.cut(new StatusError("Unavailable", "stream refused"));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the peer has ended its half, as opposed to the connection. */
  get isEndedByPeer(): boolean {
    return this.#isEndedByPeer;
  }

  /** The session saw the peer's consent. */
  markOpen(): void {
    this.#isOpen = true;
    this.#settleOpened?.resolve();
    this.flush();
    this.#forgetWhenClosed();
  }

  /** The session received data for the stream. False when the peer had closed its half before. */
  receive(data: Buffer, fin: boolean): boolean {
    if (this.#remoteFin) return false;
    this.#receivedBytes += data.length;
    if (data.length > 0 && !this.destroyed) this.push(data);
    if (this.destroyed) this.#creditConsumed();
    if (fin) {
      this.#remoteFin = true;
      this.#isEndedByPeer = true;
      this.#endReadable();
      this.#forgetWhenClosed();
    }
    return true;
  }

  /** Ends both halves without the peer: it reset the stream, or is gone. */
  cut(error: StatusError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const wasWhole = this.#remoteFin && this.#localFin;
    if (!this.#remoteFin) this.#endReadable();
    this.#remoteFin = true;
    this.#localFin = true;
    this.#settleOpened?.reject(error);
    this.#rest = undefined;
    this.#finishWrite();
    this.#carrier.forget(this);
    if (!wasWhole) this.emit("cut", error);
  }

  /** Sends what the window allows of the chunk that is being written. */
  flush(): void {
    while (this.#rest !== undefined && this.#isOpen) {
      const size = this.#carrier.takeAllowance(this, Math.min(this.#rest.length, MAX_DATA_BYTES));
      if (size === 0) return;
      const part = this.#rest.subarray(0, size);
      const isLast = size === this.#rest.length;
      this.#rest = isLast ? undefined : this.#rest.subarray(size);
      const fin = isLast && this.writableEnded && this.writableLength === this.#chunkBytes;
      if (fin) this.#localFin = true;
      this.#carrier.sendData(this, part, fin, isLast ? () => this.#finishWrite() : () => {});
      if (fin) this.#forgetWhenClosed();
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#isOver || this.#localFin || chunk.length === 0) {
      done();
      return;
    }
    this.#rest = chunk;
    this.#chunkBytes = chunk.length;
    this.#written = done;
    // A moment later it is known whether the stream ends with it.
    queueMicrotask(() => this.flush());
  }

  override _final(done: (error?: Error | null) => void): void {
    const finish = (): void => {
      if (!this.#isOver && !this.#localFin) {
        this.#localFin = true;
        this.#carrier.sendData(this, Buffer.alloc(0), true, () => {});
        this.#forgetWhenClosed();
      }
      done();
    };
    this.opened.then(finish, finish);
  }

  override _read(): void {
    this.#creditConsumed();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isOver && !(this.#localFin && this.#remoteFin)) {
      this.#carrier.sendReset(this, RST_STATUS.cancel);
    }
    this.#isOver = true;
    this.#rest = undefined;
    this.#settleOpened?.reject(new StatusError("Cancelled", "stream closed before it was opened"));
    this.#creditConsumed();
    this.#finishWrite();
    this.#carrier.forget(this);
    done(error);
  }

  #endReadable(): void {
    const waiting = this.beforeEnd?.(this.#receivedBytes);
    if (waiting === undefined) this.push(null);
    else waiting.then(() => this.destroyed || this.push(null));
  }

  #creditConsumed(): void {
    const buffered = this.destroyed ? 0 : this.readableLength;
    const consumed = this.#receivedBytes - buffered - this.#creditedBytes;
    this.#creditedBytes += consumed;
    this.#carrier.credit(this, consumed);
  }

  #finishWrite(): void {
    const done = this.#written;
    this.#written = undefined;
    done?.();
  }

  /** Whoever waits for the peer's consent hears of the connection's end before. */
  #forgetWhenClosed(): void {
    if (this.#isOpen && this.#localFin && this.#remoteFin) this.#carrier.forget(this);
  }
}

export interface SpdyStreamOptions {
  streamId: number;
  headers: SpdyHeaders;
  sendWindowBytes: number;
  /** That half is closed from the start. */
  localFin?: boolean;
  remoteFin?: boolean;
}

const BUFFER_BYTES = 262_144;
/** Small enough that streams take turns on the connection. */
const MAX_DATA_BYTES = 65_536;
