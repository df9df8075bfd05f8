import { StatusError } from "../errors/status-error.ts";
import { PROTOCOL_HEADER, SPDY_UPGRADE } from "./channels/protocols.ts";
import { joinBytes } from "./join-bytes.ts";
import { parseResponseHead, type ResponseHead, refusedUpgrade } from "./response-head.ts";

const MAX_HEAD_BYTES = 65_536;
const MAX_REASON_BYTES = 4_096;

/** The request for an upgrade (RFC 9110, section 7.8), whatever carries it. */
export function requestText(
  method: "GET" | "POST",
  url: URL,
  headers: readonly (readonly [string, string])[],
): string {
  let text = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return `${text}${method === "POST" ? "Content-Length: 0\r\n" : ""}\r\n`;
}

/** What asks for SPDY/3.1 and offers protocols, the first one rather than the next. */
export function spdyHeaders(protocols: readonly string[]): [string, string][] {
  const headers: [string, string][] = [
    ["Connection", "Upgrade"],
    ["Upgrade", SPDY_UPGRADE],
  ];
  for (const protocol of protocols) headers.push([PROTOCOL_HEADER, protocol]);
  return headers;
}

/** The protocol that the server took; empty where it names none. Throws Unavailable where it is no SPDY/3.1. */
export function agreedProtocol({ headers }: ResponseHead): string {
  if (headers.get("upgrade")?.toLowerCase() === SPDY_UPGRADE.toLowerCase()) {
    return headers.get(PROTOCOL_HEADER.toLowerCase()) ?? "";
  }
  throw new StatusError("Unavailable", "streaming server upgraded to something else than SPDY/3.1");
}

/**
 * Reads the answer from the chunks that it is given, until one of the two is called: `accept` with what
 * came right behind the head of a 101, `fail` with what any other status means, or with Unavailable for
 * what is no HTTP. Where no more comes, `cutShort` is what a status means whose reason is not whole.
 */
export function responseReader(outcome: {
  accept(rest: Uint8Array, response: ResponseHead): void;
  fail(error: StatusError): void;
}): { read(chunk: Uint8Array): void; cutShort(): StatusError | undefined } {
  let held: Uint8Array = new Uint8Array(0);
  let refusal: ResponseHead | undefined;
  const refused = ({ status }: ResponseHead, wanted: number): StatusError =>
    refusedUpgrade(status, new TextDecoder().decode(held.subarray(0, wanted)));
  const read = (chunk: Uint8Array): void => {
    held = joinBytes(held, chunk);
    try {
      if (refusal === undefined) {
        const end = endOfHead(held);
        if (end < 0) {
          if (held.length > MAX_HEAD_BYTES)
            throw new StatusError("Unavailable", "endless response");
          return;
        }
        const response = parseResponseHead(latin1(held, end));
        held = held.subarray(end + 4);
        if (response.status === 101) {
          outcome.accept(held, response);
          return;
        }
        refusal = response;
      }
      const expected = Number(refusal.headers.get("content-length") ?? 0);
      const wanted = Math.min(Number.isFinite(expected) ? expected : 0, MAX_REASON_BYTES);
      if (held.length < wanted) return;
      outcome.fail(refused(refusal, wanted));
    } catch (error) {
      outcome.fail(
        error instanceof StatusError
          ? error
          : new StatusError("Unavailable", "response cannot be read", { cause: error }),
      );
    }
  };
  const cutShort = () => (refusal === undefined ? undefined : refused(refusal, MAX_REASON_BYTES));
  return { read, cutShort };
}

export function unreachable(url: URL, cause: unknown): StatusError {
  return new StatusError("Unavailable", `streaming server "${url.host}" cannot be reached`, {
    cause,
  });
}

export function noAnswer(url: URL, timeoutMs: number): StatusError {
  return new StatusError("Unavailable", `no answer from "${url.host}" in ${timeoutMs} ms`);
}

function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

function latin1(bytes: Uint8Array, end: number): string {
  let text = "";
  for (let at = 0; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
