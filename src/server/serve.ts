/**
 * src/server: any backend as a CRI server. It owns the gRPC server and its socket; it knows nothing
 * of what the backend does. Specification: src/cri/proto/runtime/v1/api.proto.
 */
import type { Server } from "@grpc/grpc-js";
import type { CriBackend } from "../cri/backend.ts";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../cri/methods.ts";
import { type ApiVersion, parseEndpoint, type TcpEndpoint } from "../cri/parse-endpoint.ts";
import { MAX_MESSAGE_BYTES } from "../cri/transport.ts";
import { StatusError } from "../errors/status-error.ts";
import { type ClaimedSocket, claimSocket } from "./claim-socket.ts";
import { type CallReport, createServiceHandlers } from "./service-handlers.ts";

export interface ServeOptions {
  /** `unix:///PATH`, or `tcp://HOST:PORT` on the loopback interface. */
  listen: string;
  /** The CRI package to answer as; `v1` where absent. */
  apiVersion?: ApiVersion;
  /** Told of each call's end, for diagnostics. */
  onCallEnd?: (call: CallReport) => void;
}

export interface CriServer {
  /** Where it listens, as a client writes it. */
  readonly endpoint: string;
  /**
   * Takes no more calls, ends server streams with Unavailable, lets the other calls finish for
   * `drainMs`, then cancels what is left and removes the socket. Idempotent. The backend stays open.
   */
  close(drainMs: number): Promise<void>;
}

/**
 * Answers CRI calls with the backend's methods until closed. Rejects with FailedPrecondition where
 * another server answers at the address or a file that is no socket is in the way, and with
 * InvalidArgument for an address that is malformed or reaches beyond this machine.
 */
export async function serve(backend: CriBackend, options: ServeOptions): Promise<CriServer> {
  const listen = parseEndpoint(options.listen);
  if (listen.kind === "embedded") {
    throw new StatusError("InvalidArgument", `cannot listen on "${options.listen}"`, {
      hint: "write unix:///PATH",
    });
  }
  if (listen.kind === "tcp") requireLoopback(listen);
  const grpc = await import("@grpc/grpc-js");
  // What it would print on stderr is told by the failure itself.
  grpc.setLogVerbosity(grpc.logVerbosity.NONE);
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  const stopping = new AbortController();
  const expiring = new AbortController();
  const handlers = createServiceHandlers({
    packageName: `runtime.${options.apiVersion ?? "v1"}`,
    stopping: stopping.signal,
    expiring: expiring.signal,
    onCallEnd: options.onCallEnd,
  });
  for (const { definition, implementation } of [
    handlers("RuntimeService", RUNTIME_METHODS, backend.runtime),
    handlers("ImageService", IMAGE_METHODS, backend.images),
  ]) {
    server.addService(definition, implementation);
  }

  const bind = (target: string) => bindServer(server, grpc, target, listen.text);
  let socket: ClaimedSocket | undefined;
  if (listen.kind === "unix")
    socket = await claimSocket(listen.path, (path) => bind(`unix:${path}`));
  else await bind(listen.text.slice("tcp://".length));

  let closed: Promise<void> | undefined;
  const close = async (drainMs: number) => {
    await socket?.release();
    stopping.abort(new StatusError("Unavailable", "the server is being stopped"));
    await drain(server, drainMs, () =>
      expiring.abort(new StatusError("Cancelled", "the server was stopped")),
    );
  };
  return {
    endpoint: listen.text,
    close(drainMs) {
      closed ??= close(drainMs);
      return closed;
    },
  };
}

/** CRI knows no authentication, and who may call it is root here. */
function requireLoopback({ host, text }: TcpEndpoint): void {
  if (/^127\.\d+\.\d+\.\d+$/.test(host) || host === "::1" || host === "localhost") return;
  throw new StatusError("InvalidArgument", `refusing to listen on "${text}"`, {
    hint: "CRI has no authentication: listen on unix:///PATH or on tcp://127.0.0.1:PORT",
  });
}

function bindServer(
  server: Server,
  grpc: typeof import("@grpc/grpc-js"),
  target: string,
  shown: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.bindAsync(target, grpc.ServerCredentials.createInsecure(), (error) => {
      if (error === null) return resolve();
      const cause = new Error(
        error.message.replace(/^.*\b(?=listen |bind )/, "").replace(/\]$/, ""),
      );
      reject(new StatusError("FailedPrecondition", `cannot listen on "${shown}"`, { cause }));
    });
  });
}

/** Resolves when no call is left: after `drainMs` at the latest, by ending those that are. */
async function drain(server: Server, drainMs: number, expire: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    expire();
    server.forceShutdown();
    resolve();
  }, drainMs);
  server.tryShutdown(() => resolve());
  await promise;
  clearTimeout(timer);
}
