import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PortForwardSession } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { breakOff } from "../../host/break-off.ts";
import type { ForwardedPort } from "./parse-ports.ts";

export interface ForwardOptions {
  readonly ports: readonly ForwardedPort[];
  /** To the pod; `forwardPorts` closes it. */
  readonly session: PortForwardSession;
  onListening(address: string, remote: number): Promise<void>;
  onConnection(localPort: number): void;
  /** A connection that could not be made or broke: it ends alone. */
  onConnectionError(error: unknown, remote: number): void;
  /** Ends the forwarding. */
  readonly signal: AbortSignal;
}

/** Listens on loopback and forwards each connection, until the signal. Throws where it cannot listen. */
export async function forwardPorts(options: ForwardOptions): Promise<void> {
  const { session, signal } = options;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket, remote: number) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    options.onConnection(socket.localPort ?? 0);
    forward(socket, remote, session).catch((error) => {
      socket.resetAndDestroy();
      if (!signal.aborted) options.onConnectionError(error, remote);
    });
  };
  try {
    for (const port of options.ports) {
      for (const server of await listen(port, (socket) => serve(socket, port.remote))) {
        servers.push(server);
        await options.onListening(addressText(server), port.remote);
      }
    }
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
    await session.close();
  }
}

async function forward(near: Socket, remote: number, session: PortForwardSession): Promise<void> {
  const far = await session.connect(remote);
  // Its client may have gone meanwhile.
  if (near.destroyed) far.destroy();
  else await join(near, far);
}

/** On 127.0.0.1, and on ::1 with the same port where there is IPv6. */
async function listen(
  { local }: ForwardedPort,
  onSocket: (socket: Socket) => void,
): Promise<Server[]> {
  const first = await listenOn("127.0.0.1", local, onSocket);
  const address = first.address();
  const port = typeof address === "object" && address !== null ? address.port : local;
  try {
    return [first, await listenOn("::1", port, onSocket)];
  } catch {
    return [first];
  }
}

async function listenOn(
  host: string,
  port: number,
  onSocket: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "EADDRINUSE" ? "it is in use" : (code ?? "unknown error");
    throw new StatusError("FailedPrecondition", `cannot listen on ${host}:${port}: ${reason}`, {
      hint: "write :REMOTE for any free local port",
    });
  }
  return server;
}

function addressText(server: Server): string {
  const address = server.address();
  if (typeof address !== "object" || address === null) return "";
  return address.family === "IPv6"
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}

/** Both ways, each end passed on by itself; rejects when either side breaks. */
function join(near: Socket, far: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    far.on("error", (error) => {
      // With an end, what came so far would pass for all of it.
      near.resetAndDestroy();
      reject(error);
    });
    near.on("error", () => breakOff(far));
    near.on("close", () => {
      if (!far.writableFinished || !far.readableEnded) far.destroy();
      resolve();
    });
    near.pipe(far);
    far.pipe(near);
  });
}
