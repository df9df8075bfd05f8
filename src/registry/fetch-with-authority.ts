import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { Readable } from "node:stream";
import { StatusError } from "../errors/status-error.ts";

/** Like fetch over https, trusting one more authority: fetch itself has no standard way to say so. */
export async function fetchWithAuthority(
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    signal: AbortSignal;
    body?: string | Uint8Array<ArrayBuffer>;
  },
  caFile: string,
): Promise<Response> {
  if (!url.startsWith("https:")) return await fetch(url, { ...init, redirect: "manual" });
  const ca = await trustedAuthorities(caFile);
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: init.method,
        headers: init.headers,
        signal: init.signal,
        ca,
      },
      (incoming) => {
        resolve(toResponse(incoming, init.method));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(init.body);
  });
}

/** The usual authorities and the one in the file. FailedPrecondition where it cannot be read. */
export async function trustedAuthorities(caFile: string): Promise<string[]> {
  const own = await readFile(caFile, "utf8").catch((cause: unknown) => {
    throw new StatusError("FailedPrecondition", `could not read the authority "${caFile}"`, {
      cause,
    });
  });
  const { rootCertificates } = await import("node:tls");
  return [...rootCertificates, own];
}

/** What Node's own client got, as fetch would hand it over. */
export function toResponse(incoming: IncomingMessage, method: string): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
  const status = incoming.statusCode ?? 502;
  const hasBody = status !== 204 && status !== 304 && method !== "HEAD";
  return new Response(hasBody ? body : null, { status, headers });
}
