import { connect as connectTcp, type Socket } from "node:net";
import { StatusError } from "../errors/status-error.ts";
import { CONNECT_TIMEOUT_MS, type DialOptions, type DialTlsOptions } from "./dial-options.ts";
import type { ResponseHead } from "./response-head.ts";
import { noAnswer, requestText, responseReader, unreachable } from "./upgrade-exchange.ts";

export interface UpgradedConnection {
  readonly socket: Socket;
  /** What came right behind the response. */
  readonly head: Buffer;
  readonly response: ResponseHead;
}

/**
 * Connects and asks for an upgrade (RFC 9110, section 7.8). The socket is paused on return and the
 * caller's. Rejects with Unavailable without an answer, Cancelled by the signal, and with what the
 * status means where the server refuses: NotFound for a URL that was used before.
 */
export async function upgradeConnection(
  url: URL,
  headers: readonly (readonly [string, string])[],
  options: DialOptions & { signal?: AbortSignal | undefined; method?: "GET" | "POST" },
): Promise<UpgradedConnection> {
  if (options.signal?.aborted) throw new StatusError("Cancelled", "interrupted while connecting");
  const socket = await openSocket(url, options.tls);
  const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
      socket.off("data", onData).off("error", onError).off("close", onClose);
      settle();
    };
    const fail = (error: StatusError): void =>
      finish(() => {
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      });
    const onError = (cause: unknown): void => fail(reader.cutShort() ?? unreachable(url, cause));
    const onClose = (): void => onError(new Error("connection closed"));
    const onAbort = (): void => fail(new StatusError("Cancelled", "interrupted while connecting"));
    const timer = setTimeout(() => fail(reader.cutShort() ?? noAnswer(url, timeoutMs)), timeoutMs);
    const reader = responseReader({
      accept(rest, response) {
        socket.pause();
        finish(() => resolve({ socket, head: Buffer.from(rest), response }));
      },
      fail,
    });
    const onData = reader.read;
    options.signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("data", onData).on("error", onError).on("close", onClose);
    socket.write(requestText(options.method ?? "POST", url, headers));
  });
}

async function openSocket(url: URL, tls: DialTlsOptions | undefined): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port === "" ? (url.protocol === "https:" ? 443 : 80) : url.port);
  const socket =
    url.protocol === "https:" ? await openTls(host, port, tls) : connectTcp(port, host);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}

async function openTls(host: string, port: number, tls: DialTlsOptions = {}): Promise<Socket> {
  const { connect } = await import("node:tls");
  return connect({ host, port, ...tlsConnectOptions(host, tls), ALPNProtocols: ["http/1.1"] });
}

/** The options of node:tls for a dial: verification only against a given authority. */
export function tlsConnectOptions(
  host: string,
  tls: DialTlsOptions,
): { rejectUnauthorized: boolean; servername?: string; ca?: string; cert?: string; key?: string } {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(":");
  const servername = tls.serverName ?? (isAddress ? undefined : host);
  return {
    rejectUnauthorized: tls.ca !== undefined,
    ...(servername === undefined ? {} : { servername }),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
}

const KEEP_ALIVE_MS = 15_000;
