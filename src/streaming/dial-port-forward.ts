import type { Duplex } from "node:stream";
import type { PortForwardSession } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import {
  PORT_FORWARD_PROTOCOL,
  PORT_HEADER,
  REQUEST_ID_HEADER,
  STREAM_TYPE_HEADER,
} from "./channels/protocols.ts";
import { type DialOptions, PING_INTERVAL_MS } from "./dial-options.ts";
import { openSpdySession } from "./open-spdy-session.ts";
import { parseStreamUrl } from "./parse-stream-url.ts";
import { SpdySession } from "./spdy/session.ts";
import type { SpdyStream } from "./spdy/stream.ts";
import { whenOpened } from "./when-opened.ts";

/**
 * Opens a session behind a URL of the PortForward RPC. Each connection is an error and a data
 * stream; one that breaks fails with a StatusError as the duplex' error, and alone where the server
 * is ours: see `openSessionPerConnection`. Always SPDY, with `transport: "websocket"` tunnelled in a
 * WebSocket.
 */
export async function dialPortForward(
  url: string,
  options: DialOptions & { signal?: AbortSignal | undefined } = {},
): Promise<PortForwardSession> {
  if (options.signal?.aborted) throw new StatusError("Cancelled", "stream was interrupted");
  const session = await openSession(parseStreamUrl(url), options);
  const onAbort = (): void =>
    session.destroy(new StatusError("Cancelled", "stream was interrupted"));
  options.signal?.addEventListener("abort", onAbort, { once: true });
  session.closed.then(() => options.signal?.removeEventListener("abort", onAbort));
  let nextRequestId = 0;
  const connections = new Set<Duplex>();
  return {
    connect: async (port) => {
      const connection = await connect(session, port, nextRequestId++, options);
      connections.add(connection);
      connection.once("close", () => connections.delete(connection));
      return connection;
    },
    close: async () => {
      // Ended by the caller: no error for those that are still open.
      for (const connection of connections) connection.destroy();
      session.close();
    },
  };
}

async function openSession(
  url: URL,
  options: DialOptions & { signal?: AbortSignal | undefined },
): Promise<SpdySession> {
  if (options.transport !== "websocket") {
    return (await openSpdySession(url, [PORT_FORWARD_PROTOCOL], options)).session;
  }
  const { openTunnel } = await import("./websocket/open-tunnel.ts");
  const tunnel = await openTunnel(url, options);
  return new SpdySession(tunnel, { role: "client", pingIntervalMs: PING_INTERVAL_MS });
}

async function connect(
  session: SpdySession,
  port: number,
  requestId: number,
  options: DialOptions & { signal?: AbortSignal | undefined },
): Promise<Duplex> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StatusError("InvalidArgument", `port ${port} is not between 1 and 65535`);
  }
  const open = (type: string): SpdyStream =>
    session.open(
      new Map([
        [STREAM_TYPE_HEADER, type],
        [PORT_HEADER, String(port)],
        [REQUEST_ID_HEADER, String(requestId)],
      ]),
    );
  const errors = open("error");
  const data = open("data");
  errors.on("error", () => {});
  // Either end may come together with the consent.
  data.beforeEnd = (receivedBytes) =>
    whenTold(errors, receivedBytes === 0 ? REASON_OF_NOTHING_MS : REASON_MS);
  data.once("cut", async (error: StatusError) => {
    await whenTold(errors, REASON_MS);
    data.destroy(error);
  });
  try {
    await whenOpened([errors.opened, data.opened], options);
  } catch (error) {
    errors.destroy();
    data.on("error", () => {}).destroy();
    throw error;
  }
  errors.end();
  data.once("close", () => errors.destroy());
  watchErrors(errors, data, port);
  return data;
}

/**
 * containerd ends the data of a connection that failed before it writes why, and then the error stream:
 * an end of the data waits for that for a moment, lest a failure pass for an end. It is a moment only,
 * as a pod that has ended its half may go on to read, and the error stream stays open then.
 */
function whenTold(errors: SpdyStream, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (errors.closed) return resolve();
    const timer = setTimeout(resolve, patienceMs);
    errors.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What the server writes to the error stream is why the connection failed. */
function watchErrors(errors: SpdyStream, data: SpdyStream, port: number): void {
  let text = "";
  errors.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(0, MAX_REASON_CHARACTERS);
  });
  errors.once("end", () => {
    if (text === "") return;
    const cause = new Error(text.trim());
    const message = `port ${port} of the pod cannot be reached`;
    data.destroy(new StatusError("Unavailable", message, { cause }));
  });
}

const MAX_REASON_CHARACTERS = 4096;
const REASON_MS = 100;
/** Where the pod has sent no byte, it most likely never was reached. */
const REASON_OF_NOTHING_MS = 1000;
