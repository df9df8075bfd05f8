import { connect as connectTcp, type Socket } from "node:net";
import { StatusError } from "../errors/status-error.ts";
import { CONNECT_TIMEOUT_MS, type DialOptions, type DialTlsOptions } from "./dial-options.ts";
import { parseResponseHead, type ResponseHead, refusedUpgrade } from "./response-head.ts";

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
    const onError = (cause: unknown): void => fail(unreachable(url, cause));
    const onClose = (): void => fail(unreachable(url, new Error("connection closed")));
    const onAbort = (): void => fail(new StatusError("Cancelled", "interrupted while connecting"));
    const timer = setTimeout(
      () => fail(new StatusError("Unavailable", `no answer from "${url.host}" in ${timeoutMs} ms`)),
      timeoutMs,
    );
    const reader = responseReader({ accept: (upgraded) => finish(() => resolve(upgraded)), fail });
    const onData = (chunk: Buffer): void => reader(socket, chunk);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("data", onData).on("error", onError).on("close", onClose);
    socket.write(requestText(options.method ?? "POST", url, headers));
  });
}

function responseReader(outcome: {
  accept: (upgraded: UpgradedConnection) => void;
  fail: (error: StatusError) => void;
}): (socket: Socket, chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  let refusal: ResponseHead | undefined;
  return (socket, chunk) => {
    held = Buffer.concat([held, chunk]);
    try {
      if (refusal === undefined) {
        const end = held.indexOf("\r\n\r\n");
        if (end < 0) {
          if (held.length > MAX_HEAD_BYTES)
            throw new StatusError("Unavailable", "endless response");
          return;
        }
        const response = parseResponseHead(held.toString("latin1", 0, end));
        held = held.subarray(end + 4);
        if (response.status === 101) {
          socket.pause();
          outcome.accept({ socket, head: held, response });
          return;
        }
        refusal = response;
      }
      const expected = Number(refusal.headers.get("content-length") ?? 0);
      const wanted = Math.min(Number.isFinite(expected) ? expected : 0, MAX_REASON_BYTES);
      if (held.length < wanted) return;
      outcome.fail(refusedUpgrade(refusal.status, held.toString("utf8", 0, wanted)));
    } catch (error) {
      outcome.fail(
        error instanceof StatusError
          ? error
          : new StatusError("Unavailable", "response cannot be read", { cause: error }),
      );
    }
  };
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

function requestText(
  method: "GET" | "POST",
  url: URL,
  headers: readonly (readonly [string, string])[],
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const start = `${method} ${url.pathname}${url.search} HTTP/1.1`;
  const body = method === "POST" ? ["Content-Length: 0"] : [];
  return [start, `Host: ${url.host}`, ...lines, ...body, "", ""].join("\r\n");
}

export function unreachable(url: URL, cause: unknown): StatusError {
  return new StatusError("Unavailable", `streaming server "${url.host}" cannot be reached`, {
    cause,
  });
}

const MAX_HEAD_BYTES = 65_536;
const MAX_REASON_BYTES = 4_096;
const KEEP_ALIVE_MS = 15_000;
