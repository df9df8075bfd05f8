import { StatusError } from "../../errors/status-error.ts";
import { type ByteSocket, connectSocket } from "../../host/connect-socket.ts";
import type { ResponseHead } from "../response-head.ts";
import {
  noAnswer,
  requestText,
  responseReader,
  spdyHeaders,
  unreachable,
} from "../upgrade-exchange.ts";

export interface UpgradeOptions {
  readonly protocols: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface UpgradeReceiver {
  receive(bytes: Uint8Array): void;
  /** The connection is over, with the system's error where it gave one. */
  lose(error: Error | undefined): void;
}

/**
 * Connects to an http URL and upgrades the connection to SPDY/3.1, with the meanings of upgradeConnection
 * and without node:net. Whoever `receive` returns is told at once what comes behind the answer.
 */
export async function upgradeSocket<Receiver extends UpgradeReceiver>(
  url: URL,
  { protocols, timeoutMs, signal }: UpgradeOptions,
  receive: (upgraded: { socket: ByteSocket; response: ResponseHead }) => Receiver,
): Promise<Receiver> {
  if (signal.aborted) throw new StatusError("Cancelled", "interrupted while connecting");
  const { promise, resolve, reject } = Promise.withResolvers<Receiver>();
  let receiver: Receiver | undefined;
  const fail = (error: StatusError) => {
    socket.close();
    reject(error);
  };
  const reader = responseReader({
    accept(rest, response) {
      receiver = receive({ socket, response });
      resolve(receiver);
      if (rest.length > 0) receiver.receive(rest);
    },
    fail,
  });
  const socket = connectSocket(
    { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port || 80) },
    {
      onOpen: () => {},
      onData: (bytes) => (receiver === undefined ? reader.read(bytes) : receiver.receive(bytes)),
      onDrain: () => {},
      onClose(error) {
        if (receiver !== undefined) receiver.lose(error);
        else reject(reader.cutShort() ?? unreachable(url, error ?? new Error("connection closed")));
      },
    },
  );
  const onAbort = () => fail(new StatusError("Cancelled", "interrupted while connecting"));
  const timer = setTimeout(() => fail(reader.cutShort() ?? noAnswer(url, timeoutMs)), timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  const request = requestText("POST", url, spdyHeaders(protocols));
  socket.write(new TextEncoder().encode(request));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
