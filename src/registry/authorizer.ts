import { StatusError } from "../errors/status-error.ts";
import { type Credentials, encodeBasic } from "./credentials.ts";
import { type Challenge, parseChallenges } from "./parse-challenge.ts";
import { readErrorResponse } from "./read-error-response.ts";
import type { RegistryEndpoint } from "./registry-endpoint.ts";
import { RegistryError } from "./registry-error.ts";
import type { RegistryTrust } from "./registry-trust.ts";
import { sendRequest } from "./send-request.ts";

/** Proves to one endpoint who asks. What was learnt from one 401 serves all later requests of a pull. */
export interface Authorizer {
  /** Whether it has credentials, which a refusal then is one of. */
  readonly hasCredentials: boolean;
  /** Value of the Authorization header to send now; undefined where nothing is known to be asked for. */
  header(): string | undefined;
  /** Answers a 401: resolves to true when another try with `header()` makes sense. */
  answer(response: Response, signal: AbortSignal | undefined): Promise<boolean>;
}

const TOKEN_TIMEOUT_MS = 30_000;

export function createAuthorizer(options: {
  endpoint: RegistryEndpoint;
  /** What tokens are to allow, in the words of the token flow. */
  scopes: readonly string[];
  /** Undefined for anonymous, and for mirrors, which credentials are not meant for. */
  credentials: Credentials | undefined;
  trust: RegistryTrust | undefined;
}): Authorizer {
  const { credentials } = options;
  let header = credentials?.registryToken ? `Bearer ${credentials.registryToken}` : undefined;
  let pending: Promise<boolean> | undefined;

  async function renew(challenges: readonly Challenge[], signal: AbortSignal | undefined) {
    const bearer = challenges.find((challenge) => challenge.scheme === "bearer");
    if (bearer !== undefined && !credentials?.registryToken) {
      header = `Bearer ${await fetchToken(bearer, options, signal)}`;
      return true;
    }
    const basic = credentials === undefined ? undefined : encodeBasic(credentials);
    const wantsBasic = challenges.some((challenge) => challenge.scheme === "basic");
    if (!wantsBasic || basic === undefined || header === basic) return false;
    header = basic;
    return true;
  }

  return {
    hasCredentials: credentials !== undefined,
    header: () => header,
    async answer(response, signal) {
      const challenges = parseChallenges(response.headers.get("www-authenticate") ?? "");
      // Layers that run in parallel share one token.
      pending ??= renew(challenges, signal).finally(() => {
        pending = undefined;
      });
      return await pending;
    },
  };
}

/** The token flow of the distribution project: GET with a scope, POST where there is a refresh token. */
async function fetchToken(
  challenge: Challenge,
  options: {
    endpoint: RegistryEndpoint;
    scopes: readonly string[];
    credentials: Credentials | undefined;
    trust: RegistryTrust | undefined;
  },
  signal: AbortSignal | undefined,
): Promise<string> {
  const { endpoint, credentials } = options;
  const realm = parseRealm(challenge, endpoint, credentials !== undefined);
  const service = challenge.parameters.service ?? "";
  const scopes = scopesOf(challenge, options.scopes);
  const request = {
    registry: realm.host,
    trust: realm.host === endpoint.host ? options.trust : undefined,
    signal,
    timeoutMs: TOKEN_TIMEOUT_MS,
  };
  // As containerd has it: the registry's headers are its token server's too.
  const own = isDowngrade(realm, endpoint) ? {} : endpoint.headers;
  let response: Response;
  if (credentials?.identityToken !== undefined) {
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      service,
      scope: scopes.join(" "),
      client_id: "crish",
      refresh_token: credentials.identityToken,
    }).toString();
    const headers = { ...own, "content-type": "application/x-www-form-urlencoded" };
    response = await sendRequest({ ...request, url: realm.href, method: "POST", headers, body });
  } else {
    if (service !== "") realm.searchParams.set("service", service);
    for (const scope of scopes) realm.searchParams.append("scope", scope);
    const basic = credentials === undefined ? undefined : encodeBasic(credentials);
    const headers = { ...own, ...(basic === undefined ? {} : { authorization: basic }) };
    response = await sendRequest({ ...request, url: realm.href, headers });
  }
  if (!response.ok) {
    throw await readErrorResponse(response, {
      registry: realm.host,
      what: "a token",
      hasCredentials: credentials !== undefined,
    });
  }
  return await readToken(response, realm.host);
}

/** The registry knows best what it asks for; a push asks for more than its first request needs. */
function scopesOf(challenge: Challenge, wanted: readonly string[]): readonly string[] {
  const asked = challenge.parameters.scope;
  if (asked === undefined) return wanted;
  const isCovered = (scope: string) => scope.startsWith(asked);
  return wanted.some(isCovered) ? wanted : [asked];
}

async function readToken(response: Response, registry: string): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const token = fields.token ?? fields.access_token;
  if (typeof token === "string" && token !== "") return token;
  throw new RegistryError("Unauthenticated", `"${registry}" answered without a token`, {
    registry,
  });
}

/** A registry over https must not send our secret to somebody over http. */
function parseRealm(
  challenge: Challenge,
  endpoint: RegistryEndpoint,
  withCredentials: boolean,
): URL {
  const text = challenge.parameters.realm ?? "";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new StatusError(
      "Unauthenticated",
      `the registry "${endpoint.host}" names no token server`,
    );
  }
  if (withCredentials && isDowngrade(url, endpoint)) {
    throw new StatusError(
      "Unauthenticated",
      `the registry "${endpoint.host}" asks to send the credentials over plain http`,
    );
  }
  return url;
}

function isDowngrade(url: URL, { baseUrl }: RegistryEndpoint): boolean {
  return url.protocol === "http:" && baseUrl.startsWith("https:");
}
