import { StatusError } from "../errors/status-error.ts";

export interface ResponseHead {
  readonly status: number;
  /** Lower case names; several values of one name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Parses an HTTP/1.1 response's status line and headers (RFC 9112). Throws Unavailable. */
export function parseResponseHead(text: string): ResponseHead {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = statusOf(statusLine);
  if (status === undefined) throw notHttp(statusLine);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw notHttp(line);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return { status, headers };
}

/** Of `HTTP/1.1 101 Switching Protocols`. (A first regular expression would cost a start its time.) */
function statusOf(line: string): number | undefined {
  if (!line.startsWith("HTTP/1.0 ") && !line.startsWith("HTTP/1.1 ")) return undefined;
  const digits = line.slice(9, 12);
  const isWhole = line.length === 12 || line.charAt(12) === " ";
  for (const digit of digits) if (digit < "0" || digit > "9") return undefined;
  return digits.length === 3 && isWhole ? Number(digits) : undefined;
}

/** What a status other than the wanted one means to the caller. */
export function refusedUpgrade(status: number, body: string): StatusError {
  const line = body.split("\n")[0]?.trim().slice(0, 200) ?? "";
  const reason = line === "" ? `status ${status}` : `status ${status}: ${line}`;
  const message = `streaming server refused the connection with ${reason}`;
  if (status === 404) {
    const hint = "a streaming URL works once and for about a minute";
    return new StatusError("NotFound", message, { hint });
  }
  if (status === 401) return new StatusError("Unauthenticated", message);
  if (status === 403) return new StatusError("PermissionDenied", message);
  if (status === 400 || status === 405) return new StatusError("InvalidArgument", message);
  return new StatusError("Unavailable", message);
}

function notHttp(line: string): StatusError {
  const start = JSON.stringify(line.slice(0, 80));
  return new StatusError("Unavailable", `streaming server does not speak HTTP: ${start}`);
}
