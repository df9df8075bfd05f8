/**
 * Four times what kubelet and the runtimes allow each other: any answer they make fits, and a broken
 * one cannot fill the memory.
 */
export const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/**
 * The seam that hides the gRPC library: bytes in, bytes out, codecs above it. Whoever replaces the
 * library on the hot path implements this and touches nothing else.
 */
export interface Transport {
  /** One message out, one back. Rejects with StatusError only. */
  unary(call: TransportCall): Promise<Uint8Array>;
  /**
   * One message out, many back, read only as fast as the consumer takes them. Leaving the loop early
   * cancels the call. Throws StatusError only.
   */
  serverStream(call: TransportCall): AsyncIterable<Uint8Array>;
  /** Ends the connection and the calls on it. Idempotent; a later call rejects with Unavailable. */
  close(): void;
}

export interface TransportCall {
  /** Path on the wire, as in `/runtime.v1.RuntimeService/ListContainers`. */
  path: string;
  /** The encoded request. */
  message: Uint8Array;
  /** The most that a message of the answer may have; MAX_MESSAGE_BYTES where absent. */
  maxMessageBytes?: number | undefined;
  /** Time for the whole call, connecting included; 0 means no limit. */
  timeoutMs: number;
  /** Ends the call with Cancelled, or with the signal's reason where that is a StatusError. */
  signal?: AbortSignal | undefined;
  /** The call changes nothing: it may be sent before the server has shown that it is one. */
  isHarmless?: boolean | undefined;
  /**
   * Sent with the call: printable ASCII, or base64 under a key that ends in `-bin`. A key that gRPC
   * itself uses, or a value that cannot be sent, fails the call with InvalidArgument.
   */
  metadata?: Readonly<Record<string, string>>;
}

/** A transport that also has calls with many messages in both directions. */
export interface ExchangeTransport extends Transport {
  exchange(call: Omit<TransportCall, "message">): MessageExchange;
}

/**
 * A call in both directions; it is made with the first message. Each method rejects with StatusError
 * only: what ended the call.
 */
export interface MessageExchange {
  /** Resolves when there is room for the next message. One at a time. */
  send(message: Uint8Array): Promise<void>;
  /** The next message of the server; undefined after the last. One at a time. */
  receive(): Promise<Uint8Array | undefined>;
  /** Ends the call from this side; nothing where it is over. */
  cancel(): void;
}
