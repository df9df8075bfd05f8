import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { StatusError } from "../errors/status-error.ts";
import { CONNECT_TIMEOUT_MS, type DialOptions } from "./dial-options.ts";
import { refusedUpgrade } from "./response-head.ts";
import { tlsConnectOptions } from "./upgrade-connection.ts";
import { noAnswer, unreachable } from "./upgrade-exchange.ts";
import { MAX_MESSAGE_BYTES } from "./websocket/websocket-channel-set.ts";

/**
 * Opens a WebSocket (RFC 6455) with the first of the protocols that the server takes. `onOpen` is
 * called before the first message can arrive, and its result is the answer. Rejects like
 * upgradeConnection.
 */
export async function openWebSocket<T>(
  url: URL,
  protocols: readonly string[],
  options: DialOptions & { signal?: AbortSignal | undefined },
  onOpen: (socket: WebSocket) => T,
): Promise<T> {
  if (options.signal?.aborted) throw new StatusError("Cancelled", "interrupted while connecting");
  const { WebSocket: Socket } = await import("ws");
  const target = new URL(url);
  target.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new Socket(target, [...protocols], {
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    ...(url.protocol === "https:" ? tlsConnectOptions(url.hostname, options.tls ?? {}) : {}),
  });
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: StatusError): void => {
      settle();
      reject(error);
      socket.terminate();
    };
    const onAbort = (): void => fail(new StatusError("Cancelled", "interrupted while connecting"));
    let refusal = (): StatusError | undefined => undefined;
    const timer = setTimeout(() => fail(refusal() ?? noAnswer(url, timeoutMs)), timeoutMs);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (cause) => fail(unreachable(url, cause)));
    socket.on("unexpected-response", (_request, response) => {
      const reason: Buffer[] = [];
      const refused = () => refusedUpgrade(response.statusCode ?? 0, `${Buffer.concat(reason)}`);
      refusal = refused;
      readReason(response, reason).then(() => fail(refused()));
    });
    socket.once("open", () => {
      settle();
      resolve(onOpen(socket));
    });
  });
}

async function readReason(response: IncomingMessage, chunks: Buffer[]): Promise<void> {
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      if (chunks.length > 8) break;
    }
  } catch {
    // The status alone says enough.
  }
}
