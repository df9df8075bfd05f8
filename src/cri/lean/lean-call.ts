import { StatusError } from "../../errors/status-error.ts";
import { callMetadata } from "../call-metadata.ts";
import type {
  Loss,
  StreamEnd,
  StreamHandle,
  StreamHandler,
  StreamRequest,
} from "../http2/client-stream.ts";
import type { HeaderField } from "../http2/header-field.ts";
import { Violation } from "../http2/violation.ts";
import { MAX_MESSAGE_BYTES, type TransportCall } from "../transport.ts";
import {
  type CallFacts,
  cancelled,
  connectError,
  fromWireError,
  type WireStatus,
} from "../wire-error.ts";
import { MessageReader } from "./message-reader.ts";
import { requestHeaders } from "./request-headers.ts";
import {
  CONNECTION_DROPPED,
  INCOMPLETE_MESSAGE,
  STREAM_REFUSED,
  statusOfHttp,
  statusOfReset,
  statusOfSilence,
  statusOfTrailers,
} from "./response-status.ts";

/** Who wants the answer to a call. */
export interface CallSink {
  /** Returns whether more is wanted now; if not, `LeanCall.takeMore` says so later. */
  onMessage(message: Uint8Array): boolean;
  /**
   * Once, the last: without an error where the server said OK. `isLocal` where the caller, its
   * deadline or its signal ended the call, so that what came before is not wanted either.
   */
  onEnd(error: StatusError | undefined, isLocal: boolean): void;
  /** All messages so far are on their way; must not call back. */
  onSent?(): void;
}

/** What is sent: one message, or the first of several, which `LeanCall.send` continues. */
export interface LeanRequest extends TransportCall {
  readonly hasMore?: boolean;
}

/** Where calls go: the connection of the moment, a new one where there is none. */
export interface CallConnections {
  open(request: StreamRequest, handler: StreamHandler): StreamHandle;
}

/** A server that refuses each new connection's calls must not keep us busy for ever. */
const MAX_ATTEMPTS = 3;
/** More is taken for less by timers. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const DEADLINE_EXCEEDED: WireStatus = { code: 4, details: "Deadline exceeded" };
const RESOURCE_EXHAUSTED = 8;

/** One gRPC call: its deadline, its signal, its attempts, and what becomes of it. */
export class LeanCall implements StreamHandler {
  readonly #call: LeanRequest;
  readonly #facts: CallFacts;
  readonly #sink: CallSink;
  readonly #deadlineMs: number;
  readonly #onAbort = () => this.fail(cancelled(this.#facts));
  #connections: CallConnections | undefined;
  #request: StreamRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stream: StreamHandle | undefined;
  #attempts = 0;
  readonly #messages: MessageReader;
  #heldBytes = 0;
  #wantsMore = true;
  #httpStatus = 0;
  #status: WireStatus | undefined;
  #isOver = false;

  constructor(call: LeanRequest, facts: CallFacts, sink: CallSink) {
    this.#call = call;
    this.#facts = facts;
    this.#sink = sink;
    this.#messages = new MessageReader(call.maxMessageBytes ?? MAX_MESSAGE_BYTES);
    this.#deadlineMs =
      call.timeoutMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + call.timeoutMs;
  }

  /** To be called once. A call that cannot be sent at all has ended when this returns. */
  start(connections: CallConnections): void {
    try {
      this.#request = this.#toRequest();
    } catch (error) {
      this.fail(fromWireError(error, this.#facts));
      return;
    }
    this.#connections = connections;
    const { signal, timeoutMs } = this.#call;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs !== 0 && timeoutMs <= MAX_TIMER_MS) {
      this.#timer = setTimeout(() => this.fail(this.#toError(DEADLINE_EXCEEDED)), timeoutMs);
    }
    this.#attempt();
  }

  /** The sink wants more again after it had enough. */
  takeMore(): void {
    this.#wantsMore = true;
    if (this.#heldBytes > 0) this.#stream?.take(this.#heldBytes);
    this.#heldBytes = 0;
  }

  /** The next message of several, after `onSent` for those before. */
  send(message: Uint8Array): void {
    // From here on the request cannot be made again from its start.
    this.#attempts = MAX_ATTEMPTS;
    if (message.length > MAX_MESSAGE_BYTES) this.fail(this.#tooLarge());
    else this.#stream?.send(framed(message));
  }

  /** Ends the call from this side; nothing where it is over. */
  fail(error: StatusError | undefined): void {
    this.#end(error, true);
  }

  onResponse(status: number, fields: readonly HeaderField[], isLast: boolean): void {
    this.#httpStatus = status;
    if (isLast) this.onTrailers(fields);
  }

  onData(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const refused = this.#messages.read(bytes, (message) => {
      if (!this.#isOver) this.#wantsMore = this.#sink.onMessage(message);
    });
    if (refused !== undefined) {
      // A page of HTML is no message; its status says more.
      this.#finish(this.#httpStatus === 200 ? refused : statusOfHttp(this.#httpStatus));
      return;
    }
    this.#heldBytes += bytes.length;
    if (this.#wantsMore) this.takeMore();
  }

  onTrailers(fields: readonly HeaderField[]): void {
    this.#status = statusOfTrailers(fields, this.#httpStatus);
  }

  onSent(): void {
    this.#sink.onSent?.();
  }

  onEnd(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#stream = undefined;
    switch (end.kind) {
      case "finished":
        this.#finish(this.#statusAtEnd());
        break;
      case "reset":
        this.#finish(this.#status ?? statusOfReset(end.code, this.#httpStatus));
        break;
      case "unprocessed":
        if (this.#attempts < MAX_ATTEMPTS) this.#attempt();
        else this.#finish(STREAM_REFUSED);
        break;
      case "lost":
        this.#end(lossError(end.loss, this.#facts), false);
        break;
    }
  }

  #toRequest(): StreamRequest {
    const { signal, message, metadata, path, hasMore = false, isHarmless = false } = this.#call;
    if (signal?.aborted === true) throw cancelled(this.#facts);
    if (message.length > MAX_MESSAGE_BYTES) throw this.#tooLarge();
    const fields = callMetadata(metadata);
    const headers = () => requestHeaders(path, this.#deadlineMs, fields);
    return { headers, body: framed(message), hasMore, isHarmless };
  }

  #tooLarge(): StatusError {
    const details = `Attempted to send message with a size larger than ${MAX_MESSAGE_BYTES}`;
    return this.#toError({ code: RESOURCE_EXHAUSTED, details });
  }

  #attempt(): void {
    if (this.#connections === undefined || this.#request === undefined) return;
    const attempt = ++this.#attempts;
    const stream = this.#connections.open(this.#request, this);
    // It may have ended already, and even been tried anew.
    if (attempt === this.#attempts && !this.#isOver) this.#stream = stream;
  }

  #statusAtEnd(): WireStatus {
    const status = this.#status ?? statusOfSilence(this.#httpStatus);
    return status.code === 0 && this.#messages.isAmidMessage ? INCOMPLETE_MESSAGE : status;
  }

  #finish(status: WireStatus): void {
    // The server's own clock may be a moment ahead of our timer.
    const isLate = status.code === DEADLINE_EXCEEDED.code && Date.now() >= this.#deadlineMs;
    const told = isLate ? DEADLINE_EXCEEDED : status;
    this.#end(status.code === 0 ? undefined : this.#toError(told), false);
  }

  #end(error: StatusError | undefined, isLocal: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#call.signal?.removeEventListener("abort", this.#onAbort);
    this.#stream?.cancel();
    this.#sink.onEnd(error, isLocal);
  }

  #toError(status: WireStatus): StatusError {
    return fromWireError(status, this.#facts);
  }
}

function lossError({ wasReady, cause }: Loss, facts: CallFacts): StatusError {
  if (!wasReady) return connectError(facts.endpoint, errnoOf(cause), cause);
  if (!(cause instanceof Violation)) return fromWireError(CONNECTION_DROPPED, facts);
  return new StatusError("Internal", `"${facts.endpoint}" does not keep to HTTP/2`, {
    cause,
    hint: "is this endpoint a CRI server? --transport grpc-js takes another client",
  });
}

function errnoOf(cause: (Error & { code?: unknown }) | undefined): string | undefined {
  return typeof cause?.code === "string" ? cause.code : undefined;
}

/** gRPC's five bytes in front of each message: not compressed, and its length. */
function framed(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, 5);
  return bytes;
}
