import type { Authorizer } from "./authorizer.ts";
import { readErrorResponse } from "./read-error-response.ts";
import { endpointUrl, type RegistryEndpoint } from "./registry-endpoint.ts";
import { RegistryError } from "./registry-error.ts";
import type { RegistryTrust } from "./registry-trust.ts";
import { type RegistryRequest, sendRequest } from "./send-request.ts";

/** One endpoint and what we have learnt of it. */
export interface RegistryAccess {
  readonly endpoint: RegistryEndpoint;
  readonly authorizer: Authorizer;
  readonly trust: RegistryTrust | undefined;
  /** What for, which tells a refusal's hint. */
  readonly purpose: "pull" | "push";
}

export interface RegistryQuestion {
  readonly method?: RegistryRequest["method"];
  /** Below the endpoint, or a whole URL that the registry gave. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** For messages: `manifest "…"`. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

const MOST_REDIRECTS = 5;
/** Redirects that repeat the request as it was; the older ones make a GET of it. */
const REPEATING: readonly number[] = [307, 308];

/** Asks below an endpoint, proving who asks where that is wanted. Rejects with RegistryError unless 2xx. */
export async function askRegistry(
  access: RegistryAccess,
  question: RegistryQuestion,
): Promise<Response> {
  const { endpoint, authorizer } = access;
  for (let attempt = 0; ; attempt++) {
    const response = await followRedirects(access, question);
    if (response.ok) return response;
    if (response.status === 401 && attempt === 0) {
      if (await authorizer.answer(response, question.signal)) {
        await discardBody(response);
        continue;
      }
    }
    const { purpose } = access;
    throw await readErrorResponse(response, {
      registry: endpoint.host,
      what: question.what,
      purpose,
      hasCredentials: authorizer.hasCredentials,
    });
  }
}

/**
 * The request's own headers, with the endpoint's and with what proves who asks: these are for the registry
 * alone, since what it redirects to has its own in the URL.
 */
export function headersFor(
  { endpoint, authorizer }: RegistryAccess,
  url: URL,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  if (url.origin !== new URL(endpoint.baseUrl).origin) return { ...own };
  const proof = authorizer.header();
  return { ...endpoint.headers, ...own, ...(proof === undefined ? {} : { authorization: proof }) };
}

/** Where a Location leads. Throws RegistryError for what leads from https to anything else. */
export function resolveLocation(from: URL, location: string, registry: string): URL {
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

/** Lets the connection serve the next request. */
export async function discardBody(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

async function followRedirects(
  access: RegistryAccess,
  question: RegistryQuestion,
): Promise<Response> {
  const { endpoint, trust } = access;
  const { method = "GET", path } = question;
  let url = path instanceof URL ? path : endpointUrl(endpoint, path);
  for (let redirects = 0; ; redirects++) {
    const response = await sendRequest({
      url: url.href,
      method,
      headers: headersFor(access, url, question.headers),
      ...(question.body === undefined ? {} : { body: question.body }),
      registry: url.host,
      trust,
      signal: question.signal,
      timeoutMs: question.timeoutMs,
    });
    const location = response.headers.get("location");
    const { status } = response;
    const isRead = method === "GET" || method === "HEAD";
    const isRedirect = REPEATING.includes(status) || (isRead && status >= 300 && status < 400);
    if (!isRedirect || location === null) return response;
    await discardBody(response);
    url = resolveLocation(url, location, endpoint.host);
    if (redirects >= MOST_REDIRECTS) {
      throw new RegistryError(
        "Unavailable",
        `the registry "${endpoint.host}" redirects in a circle`,
        { registry: endpoint.host },
      );
    }
  }
}
