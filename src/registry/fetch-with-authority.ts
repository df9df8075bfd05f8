import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { Readable } from "node:stream";
import { StatusError } from "../errors/status-error.ts";

/** Like fetch over https, trusting one more authority: fetch itself has no standard way to say so. */
export async function fetchWithAuthority(
  url: string,
  init: { method: string; headers: Record<string, string>; signal: AbortSignal; body?: string },
  caFile: string,
): Promise<Response> {
  if (!url.startsWith("https:")) return await fetch(url, { ...init, redirect: "manual" });
  const own = await readFile(caFile, "utf8").catch((cause: unknown) => {
    throw new StatusError("FailedPrecondition", `could not read the authority "${caFile}"`, {
      cause,
    });
  });
  const { rootCertificates } = await import("node:tls");
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: init.method,
        headers: init.headers,
        signal: init.signal,
        ca: [...rootCertificates, own],
      },
      (incoming) => {
        const headers = new Headers();
        for (const [name, value] of Object.entries(incoming.headers)) {
          if (value !== undefined)
            headers.set(name, Array.isArray(value) ? value.join(", ") : value);
        }
        const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>;
        const status = incoming.statusCode ?? 502;
        const hasBody = status !== 204 && status !== 304 && init.method !== "HEAD";
        resolve(new Response(hasBody ? body : null, { status, headers }));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(init.body);
  });
}
