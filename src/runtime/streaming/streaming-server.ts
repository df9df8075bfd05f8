/**
 * The server half of exec, attach and port-forward: URLs with one-time tokens, an HTTP server that
 * upgrades to SPDY/3.1 or WebSocket, and the bytes between the client and any Streams.
 *
 * It knows no container: a request was checked before its URL was made, and Streams does the rest.
 * Specification: CRI streaming (Exec, Attach, PortForward), Kubernetes remote command protocols v1 to
 * v5 and portforward.k8s.io, the latter also tunnelled (SPDY/3.1+portforward.k8s.io).
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Streams } from "../../cri/backend.ts";
import type {
  AttachRequest,
  ExecRequest,
  PortForwardRequest,
} from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import type { StreamTicket } from "./serve-context.ts";
import { serveUpgrade } from "./serve-upgrade.ts";
import { createTokenStore } from "./token-store.ts";

export interface StreamingServer {
  /** A URL that serves this request once, within about a minute. Throws ResourceExhausted. */
  execUrl(request: ExecRequest): string;
  attachUrl(request: AttachRequest): string;
  portForwardUrl(request: PortForwardRequest): string;
  /** Ends every connection and stops listening. Idempotent. */
  close(): Promise<void>;
}

export interface StreamingServerOptions {
  /** Address to listen on; 127.0.0.1 by default. The port is the system's choice. */
  readonly host?: string;
  readonly streams: Streams;
  /** How long an unused URL lasts. */
  readonly tokenLifetimeMs?: number;
  /** How long a client may take to open all of its streams. */
  readonly openTimeoutMs?: number;
}

/** Starts the server. Rejects with Unavailable when the address cannot be listened on. */
export async function createStreamingServer(
  options: StreamingServerOptions,
): Promise<StreamingServer> {
  const host = options.host ?? "127.0.0.1";
  const tokens = createTokenStore<StreamTicket>(options.tokenLifetimeMs ?? TOKEN_LIFETIME_MS);
  const shutdown = new AbortController();
  const sockets = new Set<Duplex>();
  const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES, requestTimeout: HEAD_TIMEOUT_MS });
  server.headersTimeout = HEAD_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.on("connection", (socket: Socket) => track(sockets, socket));
  server.on("request", (request, response) => {
    const isKnown = tokens.has(tokenOf(request)?.token ?? "");
    response.writeHead(isKnown ? 426 : 404, { Connection: "close", "Content-Type": "text/plain" });
    response.end(isKnown ? "upgrade to SPDY/3.1 or WebSocket required\n" : "not found\n");
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    track(sockets, socket);
    socket.on("error", () => socket.destroy());
    const ticket = takeTicket(tokens, request);
    if (ticket === undefined) return refuseUpgrade(socket, 404, "not found");
    const openTimeoutMs = options.openTimeoutMs ?? OPEN_TIMEOUT_MS;
    const { streams } = options;
    const context = { ticket, streams, openTimeoutMs, shutdown: shutdown.signal };
    serveUpgrade({ request, socket, head }, context).catch(() => socket.destroy());
  });
  const base = await listen(server, host);
  const urlOf = (ticket: StreamTicket): string => `${base}/${ticket.kind}/${tokens.add(ticket)}`;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    shutdown.abort();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    execUrl: (request) => urlOf({ kind: "exec", request }),
    attachUrl: (request) => urlOf({ kind: "attach", request }),
    portForwardUrl: (request) => urlOf({ kind: "portforward", request }),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function listen(server: Server, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new StatusError("Unavailable", `cannot listen on "${host}"`, { cause })),
    );
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function takeTicket(
  tokens: { take(token: string): StreamTicket | undefined },
  request: IncomingMessage,
): StreamTicket | undefined {
  const named = tokenOf(request);
  if (named === undefined) return undefined;
  const ticket = tokens.take(named.token);
  return ticket?.kind === named.kind ? ticket : undefined;
}

function tokenOf(request: IncomingMessage): { kind: string; token: string } | undefined {
  const match = /^\/(exec|attach|portforward)\/([0-9a-f]+)(?:\?|$)/.exec(request.url ?? "");
  return match === null ? undefined : { kind: match[1] ?? "", token: match[2] ?? "" };
}

function track(sockets: Set<Duplex>, socket: Duplex): void {
  if (sockets.has(socket)) return;
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
}

const TOKEN_LIFETIME_MS = 60_000;
const OPEN_TIMEOUT_MS = 30_000;
const HEAD_TIMEOUT_MS = 10_000;
const MAX_HEAD_BYTES = 16_384;
const MAX_CONNECTIONS = 1_024;
