import type { RegistryTrust } from "./registry-trust.ts";
import { toRegistryError } from "./to-registry-error.ts";

/** A request as all of this room send it: never following redirects, never negotiating encodings. */
export interface RegistryRequest {
  readonly url: string;
  readonly method?: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** For messages. */
  readonly registry: string;
  readonly trust?: RegistryTrust | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the head of the answer; the body has a limit of its own. */
  readonly timeoutMs: number;
}

/** Sends it; rejects with RegistryError where no answer comes, Cancelled or DeadlineExceeded by the signal. */
export async function sendRequest(request: RegistryRequest): Promise<Response> {
  const { signal, registry, timeoutMs } = request;
  const stalled = new AbortController();
  const timer = setTimeout(
    () => stalled.abort(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })),
    timeoutMs,
  );
  const signals = signal === undefined ? [stalled.signal] : [stalled.signal, signal];
  const init = {
    method: request.method ?? "GET",
    headers: { "accept-encoding": "identity", ...request.headers },
    redirect: "manual" as const,
    signal: AbortSignal.any(signals),
    ...(request.body === undefined ? {} : { body: request.body }),
  };
  try {
    if (request.trust === undefined) return await fetch(request.url, init);
    const { fetchWithTrust } = await import("./fetch-with-trust.ts");
    return await fetchWithTrust(request.url, init, request.trust);
  } catch (error) {
    const reason: unknown = stalled.signal.aborted ? stalled.signal.reason : error;
    throw toRegistryError(reason, { registry, signal });
  } finally {
    clearTimeout(timer);
  }
}
