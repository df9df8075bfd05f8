import type { EarlySocket } from "../../host/connect-early.ts";
import { connectSocket, type SocketAddress, type SocketEvents } from "../../host/connect-socket.ts";
import { ClientConnection } from "../http2/client-connection.ts";
import type { StreamHandle, StreamHandler, StreamRequest } from "../http2/client-stream.ts";
import type { TcpEndpoint, UnixEndpoint } from "../parse-endpoint.ts";
import type { CallConnections } from "./lean-call.ts";

export interface ConnectionsOptions {
  /** 0 means no limit. */
  connectTimeoutMs: number;
  /** Becomes the first connection, where it still stands when that is wanted. */
  early?: EarlySocket | undefined;
}

/** The connection that takes new calls, and those before it whose calls still run. */
export class Connections implements CallConnections {
  readonly #address: SocketAddress;
  readonly #connectTimeoutMs: number;
  readonly #early: EarlySocket | undefined;
  readonly #all = new Set<ClientConnection>();
  #current: ClientConnection | undefined;

  constructor(endpoint: UnixEndpoint | TcpEndpoint, options: ConnectionsOptions) {
    this.#address = endpoint.kind === "unix" ? { path: endpoint.path } : endpoint;
    this.#connectTimeoutMs = options.connectTimeoutMs;
    this.#early = options.early;
  }

  open(request: StreamRequest, handler: StreamHandler): StreamHandle {
    this.#current ??= this.#connect();
    return this.#current.open(request, handler);
  }

  close(): void {
    this.#early?.close();
    for (const connection of this.#all) connection.close();
    this.#all.clear();
    this.#current = undefined;
  }

  #connect(): ClientConnection {
    const late = () => connection.abandon(Object.assign(new Error(), { code: "ETIMEDOUT" }));
    const limit = this.#connectTimeoutMs;
    const timer = limit === 0 ? undefined : setTimeout(late, limit);
    const connect = (events: SocketEvents) =>
      this.#early?.take(events) ?? connectSocket(this.#address, events);
    const connection = new ClientConnection(connect, {
      onReady: () => clearTimeout(timer),
      onDraining: () => {
        if (this.#current === connection) this.#current = undefined;
      },
      onClose: () => {
        clearTimeout(timer);
        this.#all.delete(connection);
      },
    });
    this.#all.add(connection);
    return connection;
  }
}
