/** A connected byte stream, or one that is being connected: what is written early waits. */
export interface ByteSocket {
  /** Takes all of the bytes; they may be changed again as soon as it returns. */
  write(bytes: Uint8Array): void;
  /** Bytes taken that the system has not. */
  readonly unsentBytes: number;
  /** Whether the socket alone keeps the process alive; it does at first. */
  keepAlive(wanted: boolean): void;
  /**
   * Ends both directions when what was written has gone out, which it has some seconds for. Idempotent;
   * no event follows.
   */
  end(): void;
  /** Stops reading, once it is connected: what comes waits with the system. */
  pause(): void;
  resume(): void;
  /** Ends both directions; bytes the system has taken still go out. Idempotent; no event follows. */
  close(): void;
}

export interface SocketEvents {
  onOpen(): void;
  /** The bytes belong to the receiver. */
  onData(bytes: Uint8Array): void;
  /** All that was written is with the system again. */
  onDrain(): void;
  /** No connection, or no longer: with the system's error, where it gave one. Comes once. */
  onClose(error: NodeJS.ErrnoException | undefined): void;
}

export type SocketAddress =
  | { readonly path: string }
  | { readonly host: string; readonly port: number };

/**
 * Connects a stream socket. On Bun through its own API, which costs a third of node:net at start; on
 * Node through node:net, loaded here. Never throws: what goes wrong is told by `onClose`.
 */
export function connectSocket(address: SocketAddress, events: SocketEvents): ByteSocket {
  const { Bun } = globalThis as { Bun?: BunRuntime };
  if (Bun === undefined) return new NodeByteSocket(address, events);
  return new BunByteSocket(Bun, address, events);
}

/** On TCP: a connection whose other side is gone must not stay for ever. */
const KEEP_ALIVE_MS = 15_000;
/** For what is still to go out to another side that may never take it. */
const LINGER_MS = 2_000;

interface BunRuntime {
  connect(options: object): Promise<BunSocket>;
}

interface BunSocket {
  /** How many of the bytes were taken; negative once it is closed. */
  write(bytes: Uint8Array): number;
  ref(): void;
  unref(): void;
  end(): void;
  pause(): void;
  resume(): void;
  setKeepAlive(wanted: boolean, initialDelayMs: number): void;
  terminate(): void;
}

class BunByteSocket implements ByteSocket {
  unsentBytes = 0;
  readonly #events: SocketEvents;
  #socket: BunSocket | undefined;
  #unsent: Uint8Array[] = [];
  #isClosed = false;
  #isKept = true;
  #endsWhenSent = false;
  readonly #isTcp: boolean;

  constructor(bun: BunRuntime, address: SocketAddress, events: SocketEvents) {
    this.#events = events;
    this.#isTcp = "host" in address;
    const place =
      "path" in address ? { unix: address.path } : { hostname: address.host, port: address.port };
    const ended = (_socket: BunSocket, error?: NodeJS.ErrnoException) => this.#ended(error);
    const socket = {
      binaryType: "uint8array",
      open: (opened: BunSocket) => this.#opened(opened),
      data: (_socket: BunSocket, bytes: Uint8Array) => {
        if (!this.#isClosed) events.onData(bytes);
      },
      drain: () => this.#drained(),
      close: ended,
      error: ended,
      // Comes before connect returns, when nobody can take it; the rejection below says the same.
      connectError: () => undefined,
    };
    const failed = (error: NodeJS.ErrnoException) => this.#ended(error);
    try {
      bun.connect({ ...place, socket }).catch(failed);
    } catch (error) {
      queueMicrotask(() => failed(error as NodeJS.ErrnoException));
    }
  }

  write(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const rest = this.#send(bytes);
    if (rest.length > 0) this.#keep(copied(rest));
  }

  keepAlive(wanted: boolean): void {
    if (wanted === this.#isKept) return;
    this.#isKept = wanted;
    if (wanted) this.#socket?.ref();
    else this.#socket?.unref();
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#endsWhenSent = true;
    if (this.#unsent.length === 0) this.#socket?.end();
    else setTimeout(() => this.close(), LINGER_MS).unref();
  }

  pause(): void {
    if (!this.#isClosed) this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isClosed) this.#socket?.resume();
  }

  close(): void {
    this.#isClosed = true;
    this.#endsWhenSent = false;
    this.#unsent = [];
    this.#socket?.terminate();
  }

  #opened(socket: BunSocket): void {
    if (this.#isClosed && !this.#endsWhenSent) {
      socket.terminate();
      return;
    }
    this.#socket = socket;
    if (this.#isTcp) socket.setKeepAlive(true, KEEP_ALIVE_MS);
    if (!this.#isKept) socket.unref();
    this.#writeUnsent();
    if (!this.#isClosed) this.#events.onOpen();
  }

  #drained(): void {
    this.#writeUnsent();
    if (!this.#isClosed && this.unsentBytes === 0) this.#events.onDrain();
  }

  #writeUnsent(): void {
    const waiting = this.#unsent;
    this.#unsent = [];
    this.unsentBytes = 0;
    for (const bytes of waiting) {
      const rest = this.#send(bytes);
      if (rest.length > 0) this.#keep(rest);
    }
    if (this.#endsWhenSent && this.#unsent.length === 0) this.#socket?.end();
  }

  /** Returns what the system has not taken; nothing overtakes what waits already. */
  #send(bytes: Uint8Array): Uint8Array {
    if (this.#socket === undefined || this.#unsent.length > 0) return bytes;
    return bytes.subarray(Math.max(0, this.#socket.write(bytes)));
  }

  #keep(bytes: Uint8Array): void {
    this.#unsent.push(bytes);
    this.unsentBytes += bytes.length;
  }

  #ended(error: NodeJS.ErrnoException | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.onClose(error);
  }
}

class NodeByteSocket implements ByteSocket {
  readonly #events: SocketEvents;
  #socket: import("node:net").Socket | undefined;
  #unsent: Uint8Array[] = [];
  #isClosed = false;
  #isKept = true;

  constructor(address: SocketAddress, events: SocketEvents) {
    this.#events = events;
    this.#open(address).catch((error) => this.#ended(error));
  }

  get unsentBytes(): number {
    return this.#socket?.writableLength ?? 0;
  }

  write(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const kept = copied(bytes);
    if (this.#socket === undefined) this.#unsent.push(kept);
    else this.#socket.write(kept);
  }

  keepAlive(wanted: boolean): void {
    if (wanted === this.#isKept) return;
    this.#isKept = wanted;
    if (wanted) this.#socket?.ref();
    else this.#socket?.unref();
  }

  end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#socket !== undefined) endWhenSent(this.#socket);
  }

  pause(): void {
    if (!this.#isClosed) this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isClosed) this.#socket?.resume();
  }

  close(): void {
    this.#isClosed = true;
    this.#unsent = [];
    this.#socket?.destroy();
  }

  async #open(address: SocketAddress): Promise<void> {
    const { connect } = await import("node:net");
    // What was written before its end goes out all the same.
    if (this.#isClosed && this.#unsent.length === 0) return;
    const keepAlive = "host" in address;
    const socket = connect({
      ...address,
      noDelay: true,
      keepAlive,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#socket = socket;
    if (!this.#isKept) socket.unref();
    let failure: NodeJS.ErrnoException | undefined;
    const unlessClosed = (tell: () => void) => () => {
      if (!this.#isClosed) tell();
    };
    socket.on(
      "connect",
      unlessClosed(() => this.#events.onOpen()),
    );
    socket.on(
      "drain",
      unlessClosed(() => this.#events.onDrain()),
    );
    socket.on("data", (bytes: Buffer) => {
      if (!this.#isClosed) this.#events.onData(bytes);
    });
    socket.on("error", (error) => {
      failure = error;
    });
    // Else node:net waits until the other side, which has ended, takes what is still to be sent.
    socket.on("end", () => this.#ended(undefined));
    socket.on("close", () => this.#ended(failure));
    for (const bytes of this.#unsent) socket.write(bytes);
    this.#unsent = [];
    if (this.#isClosed) endWhenSent(socket);
  }

  #ended(error: NodeJS.ErrnoException | undefined): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.onClose(error);
  }
}

/** Alone, `end` would leave it open for as long as the other side wishes. */
function endWhenSent(socket: import("node:net").Socket): void {
  socket.end(() => socket.destroy());
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Unlike `slice`, which on a Buffer shares its memory. */
function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
