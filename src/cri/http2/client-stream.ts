import { ReceiveWindow, SendWindow } from "./flow-window.ts";
import type { HeaderField } from "./header-field.ts";

/** One request: its headers are made when it is sent, which may be later than when it was opened. */
export interface StreamRequest {
  headers(): readonly HeaderField[];
  /** Not empty. */
  readonly body: Uint8Array;
  /** The body goes on: `StreamHandle.send` has the rest, and nothing ends it but the stream's end. */
  readonly hasMore?: boolean;
  /** It changes nothing: it may go out together with the preface, to a server that has said nothing yet. */
  readonly isHarmless?: boolean;
}

/** Told what becomes of a request, in order: `onResponse`, `onData`s, `onTrailers`, and always `onEnd`. */
export interface StreamHandler {
  /** Without 1xx responses. `isLast` where neither data nor trailers will follow. */
  onResponse(status: number, fields: readonly HeaderField[], isLast: boolean): void;
  /** The bytes belong to the receiver, who says when they are taken: `StreamHandle.take`. */
  onData(bytes: Uint8Array): void;
  onTrailers(fields: readonly HeaderField[]): void;
  /** All of the body so far is on its way; must not call back. */
  onSent?(): void;
  /** Once, and nothing after it; not after `cancel`. */
  onEnd(end: StreamEnd): void;
}

export type StreamEnd =
  /** The server said all that it had to say. */
  | { readonly kind: "finished" }
  | { readonly kind: "reset"; readonly code: number }
  /** The server has not looked at the request, and will not: it may be sent again elsewhere. */
  | { readonly kind: "unprocessed" }
  | { readonly kind: "lost"; readonly loss: Loss };

/** Why a connection is over. */
export interface Loss {
  /** False where the server never spoke HTTP/2. */
  readonly wasReady: boolean;
  /** A Violation, an error of the system, or nothing where the other side just hung up. */
  readonly cause: Error | undefined;
}

export interface StreamHandle {
  /** Opens the server's window again by what was taken. */
  take(bytes: number): void;
  /** More of a body that has more, not empty, after `onSent` for what was before; nothing after the end. */
  send(bytes: Uint8Array): void;
  /** Tells the server that nobody waits any more. Idempotent, also after the end. */
  cancel(): void;
}

/** What a connection keeps of a stream; `id` is 0 until it is sent. */
export class ClientStream {
  id = 0;
  readonly request: StreamRequest;
  readonly handler: StreamHandler;
  readonly receiveWindow: ReceiveWindow;
  sendWindow = new SendWindow(0);
  /** The part of the body that is being sent. */
  body: Uint8Array;
  sentBytes = 0;
  hasResponse = false;
  isOver = false;

  constructor(request: StreamRequest, handler: StreamHandler, windowBytes: number) {
    this.request = request;
    this.body = request.body;
    this.handler = handler;
    this.receiveWindow = new ReceiveWindow(windowBytes);
  }

  get unsentBytes(): number {
    return this.body.length - this.sentBytes;
  }

  /** True where the other side does not know yet that it has all of the request. */
  get isSending(): boolean {
    return this.unsentBytes > 0 || this.request.hasMore === true;
  }
}
