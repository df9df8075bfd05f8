import type { Authorizer } from "./authorizer.ts";
import { readErrorResponse } from "./read-error-response.ts";
import type { RegistryEndpoint } from "./registry-endpoint.ts";
import { RegistryError } from "./registry-error.ts";
import { sendRequest } from "./send-request.ts";

/** One endpoint and what we have learnt of it. */
export interface RegistryAccess {
  readonly endpoint: RegistryEndpoint;
  readonly authorizer: Authorizer;
  readonly caFile: string | undefined;
}

export interface ResourceRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For messages: `manifest "…"`. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

const MOST_REDIRECTS = 5;

/** GET below an endpoint, proving who asks where that is wanted. Rejects with RegistryError unless 2xx. */
export async function getResource(
  access: RegistryAccess,
  request: ResourceRequest,
): Promise<Response> {
  const { endpoint, authorizer } = access;
  for (let attempt = 0; ; attempt++) {
    const response = await followRedirects(access, request);
    if (response.ok) return response;
    if (response.status === 401 && attempt === 0) {
      if (await authorizer.answer(response, request.signal)) {
        await response.body?.cancel().catch(() => {});
        continue;
      }
    }
    throw await readErrorResponse(response, { registry: endpoint.host, what: request.what });
  }
}

async function followRedirects(
  access: RegistryAccess,
  request: ResourceRequest,
): Promise<Response> {
  const { endpoint, authorizer, caFile } = access;
  const first = new URL(`${endpoint.baseUrl}${request.path}`);
  let url = first;
  for (let redirects = 0; ; redirects++) {
    // The proof is for the registry alone: what it redirects to has its own in the URL.
    const proof = url.origin === first.origin ? authorizer.header() : undefined;
    const response = await sendRequest({
      url: url.href,
      headers: { ...request.headers, ...(proof === undefined ? {} : { authorization: proof }) },
      registry: url.host,
      caFile,
      signal: request.signal,
      timeoutMs: request.timeoutMs,
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel().catch(() => {});
    url = resolveRedirect(url, location, endpoint.host);
    if (redirects >= MOST_REDIRECTS) {
      throw new RegistryError(
        "Unavailable",
        `the registry "${endpoint.host}" redirects in a circle`,
        {
          registry: endpoint.host,
        },
      );
    }
  }
}

function resolveRedirect(from: URL, location: string, registry: string): URL {
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const isAllowed =
    to !== undefined &&
    (to.protocol === "https:" || (to.protocol === "http:" && from.protocol === "http:"));
  if (isAllowed) return to;
  throw new RegistryError(
    "Unavailable",
    `the registry "${registry}" redirects to what is no https URL`,
    { registry },
  );
}
