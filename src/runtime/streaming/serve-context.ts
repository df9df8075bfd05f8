import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Streams } from "../../cri/backend.ts";
import type {
  AttachRequest,
  ExecRequest,
  PortForwardRequest,
} from "../../cri/gen/runtime/v1/api.ts";

/** What a token stands for. */
export type StreamTicket =
  | { readonly kind: "exec"; readonly request: ExecRequest }
  | { readonly kind: "attach"; readonly request: AttachRequest }
  | { readonly kind: "portforward"; readonly request: PortForwardRequest };

/** A connection that asked for an upgrade. */
export interface UpgradeAttempt {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface ServeContext {
  readonly ticket: StreamTicket;
  readonly streams: Streams;
  readonly openTimeoutMs: number;
  /** Aborted when the server closes. */
  readonly shutdown: AbortSignal;
}
