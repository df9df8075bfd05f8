import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { Readable } from "node:stream";
import { type RegistryTrust, tlsOptions } from "./registry-trust.ts";

/** Like fetch over https, with a trust of its own: fetch itself has no standard way to say so. */
export async function fetchWithTrust(
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    signal: AbortSignal;
    body?: string | Uint8Array<ArrayBuffer>;
  },
  trust: RegistryTrust,
): Promise<Response> {
  if (!url.startsWith("https:")) return await fetch(url, { ...init, redirect: "manual" });
  const tls = await tlsOptions(trust);
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: init.method,
        headers: init.headers,
        signal: init.signal,
        ...tls,
      },
      (incoming) => {
        resolve(toResponse(incoming, init.method));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(init.body);
  });
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
