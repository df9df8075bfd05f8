import { hasCode, StatusError } from "../../errors/status-error.ts";
import { createAuthorizer } from "../authorizer.ts";
import type { Credentials } from "../credentials.ts";
import { readErrorResponse } from "../read-error-response.ts";
import type { RegistryConfig } from "../registry-config.ts";
import { type RegistryEndpoint, registryEndpoints } from "../registry-endpoint.ts";
import { RegistryError } from "../registry-error.ts";
import { trustOf } from "../registry-trust.ts";
import { sendRequest } from "../send-request.ts";

export interface VerifyOptions {
  readonly registry: string;
  readonly config: RegistryConfig | undefined;
  readonly credentials: Credentials;
  readonly signal?: AbortSignal | undefined;
}

const PATIENCE_MS = 30_000;

/**
 * Asks the registry itself for the root of its API with the credentials. `unasked` where it lets
 * everybody in, so that nothing can be said of them. Throws Unauthenticated where it refuses them,
 * RegistryError where it does not answer.
 */
export async function verifyCredentials(options: VerifyOptions): Promise<"accepted" | "unasked"> {
  const { registry, config, credentials } = options;
  const endpoints = registryEndpoints(registry, config).filter(({ isRegistry }) => isRegistry);
  let failure: unknown;
  for (const endpoint of endpoints) {
    try {
      return await verifyAt(endpoint, options);
    } catch (error) {
      if (hasCode(error, "Unauthenticated") || hasCode(error, "PermissionDenied")) {
        const who = credentials.username ?? "";
        throw new StatusError(
          "Unauthenticated",
          `the registry "${registry}" refuses the credentials of "${who}"`,
          { cause: error, hint: "nothing was stored" },
        );
      }
      // A loopback registry is asked in both schemes; what it says in its own is what counts.
      if (failure === undefined || isOtherScheme(failure)) failure = error;
    }
  }
  throw failure;
}

async function verifyAt(
  endpoint: RegistryEndpoint,
  { config, credentials, signal }: VerifyOptions,
): Promise<"accepted" | "unasked"> {
  const trust = trustOf(config);
  const { host: registry, baseUrl } = endpoint;
  const authorizer = createAuthorizer({ endpoint, scopes: [], credentials, trust });
  const ask = async (authorization: string | undefined) =>
    await sendRequest({
      url: `${baseUrl}/v2/`,
      ...(authorization === undefined ? {} : { headers: { authorization } }),
      registry,
      trust,
      signal,
      timeoutMs: PATIENCE_MS,
    });
  const open = await ask(undefined);
  if (open.ok) {
    await open.body?.cancel().catch(() => {});
    return "unasked";
  }
  const context = { registry, what: "its API" };
  if (open.status !== 401) throw await readErrorResponse(open, context);
  const mayPass = await authorizer.answer(open, signal);
  await open.body?.cancel().catch(() => {});
  const answer = mayPass ? await ask(authorizer.header()) : undefined;
  if (answer === undefined) {
    throw new RegistryError("Unauthenticated", "it asks for none that crish can give", {
      registry,
    });
  }
  if (!answer.ok) throw await readErrorResponse(answer, context);
  await answer.body?.cancel().catch(() => {});
  return "accepted";
}

function isOtherScheme(error: unknown): boolean {
  return error instanceof RegistryError && error.isWrongScheme;
}
