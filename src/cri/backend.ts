/**
 * A backend: something that runs pods and containers and answers CRI. Commands know nothing else.
 */
import type { Duplex, Readable, Writable } from "node:stream";
import type { AttachRequest, ExecRequest, PortForwardRequest } from "./gen/runtime/v1/api.ts";
import type { ImageStore } from "./image-store.ts";
import type { CallOptions, ImageService, RuntimeService } from "./services.ts";

export interface CriBackend {
  readonly kind: "remote" | "embedded";
  /** The endpoint as a user would write it: `unix:///run/containerd/containerd.sock`, `embedded:`. */
  readonly endpoint: string;
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly streams: Streams;
  /** What it can do with images beyond CRI; undefined where CRI is all there is. May ask the server. */
  imageStore(): Promise<ImageStore | undefined>;
  /** Ends connections and helpers. Idempotent. Containers go on. */
  close(): Promise<void>;
}

/**
 * The three interactive calls. Unlike the RPCs of the same names, which return a URL, these move the
 * bytes themselves and resolve when the remote side has ended and every byte has been written.
 * They reject with StatusError when the stream could not be opened or broke.
 */
export interface Streams {
  /** The process's own status: 0 to 255, 128+n when signal n killed it. */
  exec(request: ExecStreamRequest, io: StreamIo): Promise<{ exitCode: number }>;
  /** Resolves when the container's streams end or `io.signal` detaches. */
  attach(request: AttachRequest, io: StreamIo): Promise<void>;
  /** Opens a session; each `connect` is one connection to a port inside the pod. */
  portForward(
    request: PortForwardRequest,
    options?: CallOptions & { dial?: DialOptions },
  ): Promise<PortForwardSession>;
}

/** ExecRequest and what `runc exec` can change but CRI cannot. */
export interface ExecStreamRequest extends ExecRequest {
  /** Only where `supportsExecOverrides`; a backend without it rejects with Unimplemented. */
  overrides?: ExecOverrides;
}

export interface ExecOverrides {
  /** user[:group], names or numbers, looked up in the container. */
  user?: string;
  /** KEY=value, added to the container's environment. */
  env?: readonly string[];
  /** Absolute path in the container. */
  cwd?: string;
}

/**
 * The caller's ends of a stream. The backend reads and writes them with back-pressure and never
 * closes them: they belong to the caller.
 */
export interface StreamIo {
  /** Read only when the request asks for stdin. Its end closes the remote stdin. */
  stdin?: Readable;
  stdout?: Writable;
  stderr?: Writable | undefined;
  /**
   * Takes output where no stream is wanted for it, and stands for both of them then: resolves when the
   * caller has the bytes. Who uses it leaves stdout and stderr untouched, which may be made when read.
   */
  write?(channel: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  /** Sizes of the caller's terminal, the present one first; only with a terminal. */
  resize?: AsyncIterable<TerminalSize>;
  /** Ends the stream; the call then rejects with Cancelled. For attach this is the detach. */
  signal: AbortSignal;
  /**
   * True when stdin, stdout and stderr are descriptors 0, 1 and 2 of this process, unread and
   * unbuffered: a backend may then hand the descriptors themselves to a child process.
   */
  inherit?: boolean;
  /** How to reach a streaming server; a backend that dials none ignores it. */
  dial?: DialOptions;
  /** Called once the remote side is connected: what it writes from then on is not lost. */
  onOpen?(): void;
}

/** Choices for the connection to the streaming server that the runtime names. */
export interface DialOptions {
  /** Absent: by what the server accepts and whether stdin must be closed. */
  transport?: "spdy" | "websocket";
  /** For an https URL. Without any of these the server's certificate is not verified. */
  tls?: {
    /** Name that the certificate must bear; "localhost" where absent. */
    serverName?: string;
    /** PEM. */
    ca?: string;
    cert?: string;
    key?: string;
  };
}

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface PortForwardSession {
  /** A connection to that TCP port on the pod's loopback; half-close is kept both ways. */
  connect(port: number): Promise<Duplex>;
  /** Ends every connection. Idempotent. */
  close(): Promise<void>;
}
