import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { WebSocket, WebSocketServer } from "ws";
import {
  channelsOf,
  negotiateProtocol,
  TUNNEL_PROTOCOL,
  WEBSOCKET_PROTOCOLS,
} from "../../streaming/channels/protocols.ts";
import {
  MAX_MESSAGE_BYTES,
  webSocketChannelSet,
} from "../../streaming/websocket/websocket-channel-set.ts";
import { webSocketDuplex } from "../../streaming/websocket/websocket-duplex.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { serveCommand } from "./serve-command.ts";
import type { ServeContext, UpgradeAttempt } from "./serve-context.ts";
import { servePortForward } from "./serve-port-forward.ts";

/** Agrees on a subprotocol, upgrades to a WebSocket and serves its channels or its tunnel. */
export async function acceptWebSocket(
  attempt: UpgradeAttempt,
  context: ServeContext,
): Promise<void> {
  const { ticket } = context;
  const supported = ticket.kind === "portforward" ? [TUNNEL_PROTOCOL] : WEBSOCKET_PROTOCOLS;
  const offered = offeredProtocols(attempt.request);
  // Without an offer: the first protocol, which had no name.
  const isUnnamed = offered.length === 0 && ticket.kind !== "portforward";
  const protocol = isUnnamed ? "channel.k8s.io" : negotiateProtocol(offered, supported);
  if (protocol === undefined) return refuseUpgrade(attempt.socket, 403, "no common subprotocol");
  // The channel set listens from the moment of the upgrade: messages may come right behind it.
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  await upgrade(attempt, protocol, (socket) => {
    serveSocket(socket, protocol, context).then(resolve, reject);
  });
  await ended;
}

async function serveSocket(
  socket: WebSocket,
  protocol: string,
  context: ServeContext,
): Promise<void> {
  const { ticket } = context;
  if (ticket.kind === "portforward") {
    const tunnel = webSocketDuplex(socket);
    await servePortForward(tunnel, Buffer.alloc(0), { ...context, request: ticket.request });
    return;
  }
  const channels = webSocketChannelSet(socket, {
    role: "server",
    protocol,
    incoming: channelsOf(ticket.request).filter((name) => name === "stdin" || name === "resize"),
  });
  await serveCommand(channels, { ...context, ticket });
}

async function upgrade(
  attempt: UpgradeAttempt,
  protocol: string,
  onSocket: (socket: WebSocket) => void,
): Promise<void> {
  const ws = await import("ws");
  const server = new ws.WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => protocol,
  });
  if (protocol.includes("/")) answerByHand(server, attempt.request, protocol);
  await new Promise<void>((resolve) => {
    // A handshake that fails is answered by ws, which then destroys the socket.
    attempt.socket.once("close", () => resolve());
    server.handleUpgrade(attempt.request, attempt.socket as Socket, attempt.head, (socket) => {
      onSocket(socket);
      resolve();
    });
  });
}

/** ws refuses a protocol name that is no token (RFC 6455, section 4.1), and the tunnel's has a slash. */
function answerByHand(server: WebSocketServer, request: IncomingMessage, protocol: string): void {
  delete request.headers["sec-websocket-protocol"];
  server.on("headers", (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
}

function offeredProtocols(request: IncomingMessage): string[] {
  const value = request.headers["sec-websocket-protocol"] ?? "";
  return value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
