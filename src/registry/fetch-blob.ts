import { StatusError } from "../errors/status-error.ts";
import { askRegistry, type RegistryAccess } from "./ask-registry.ts";
import { readBody } from "./read-body.ts";
import { RegistryError } from "./registry-error.ts";
import { isTransient, type RegistryPatience, waitBeforeRetry } from "./retry.ts";

export interface BlobRequest {
  readonly repository: string;
  readonly digest: string;
  readonly sizeBytes: number;
  /** Where to begin: what came before is there already. */
  readonly offset: number;
  readonly patience: RegistryPatience;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A blob's bytes from the offset on. A transfer that breaks off, stalls or is refused for the moment
 * goes on where it stopped, after a pause; attempts are counted anew whenever bytes have come. After
 * the last attempt the next endpoint is asked. Nothing is verified here.
 */
export async function* fetchBlob(
  accesses: readonly RegistryAccess[],
  request: BlobRequest,
): AsyncGenerator<Uint8Array> {
  let offset = request.offset;
  let attempt = 0;
  let next = 0;
  for (;;) {
    const access = accesses[next];
    if (access === undefined) throw new StatusError("Internal", "no registry to ask");
    try {
      for await (const piece of fetchRange(access, { ...request, offset })) {
        offset += piece.length;
        attempt = 0;
        yield piece;
      }
      return;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      attempt += 1;
      const hasAttempts = isTransient(error) && attempt <= request.patience.retries;
      if (!hasAttempts && next + 1 >= accesses.length) throw error;
      if (hasAttempts) await waitBeforeRetry(attempt, error, request);
      else next += 1;
    }
  }
}

/** One request. A server that ignores Range sends all again: what we have is skipped. */
async function* fetchRange(
  access: RegistryAccess,
  request: BlobRequest,
): AsyncGenerator<Uint8Array> {
  const { repository, digest, sizeBytes, offset, patience, signal } = request;
  const registry = access.endpoint.host;
  const response = await askRegistry(access, {
    path: `/v2/${repository}/blobs/${digest}`,
    ...(offset > 0 ? { headers: { range: `bytes=${offset}-` } } : {}),
    what: `blob "${digest}" of "${repository}"`,
    signal,
    timeoutMs: patience.answerTimeoutMs,
  });
  let position = response.status === 206 ? rangeStart(response, offset) : 0;
  const context = { registry, stallTimeoutMs: patience.stallTimeoutMs, signal };
  for await (const piece of readBody(response, context)) {
    const skipped = Math.max(0, Math.min(piece.length, offset - position));
    position += piece.length;
    if (position > sizeBytes) {
      throw new StatusError("DataLoss", `blob "${digest}" is longer than its ${sizeBytes} bytes`);
    }
    if (skipped < piece.length) yield skipped === 0 ? piece : piece.subarray(skipped);
  }
  if (position >= sizeBytes) return;
  throw new RegistryError(
    "DataLoss",
    `blob "${digest}" ended after ${position} of ${sizeBytes} bytes`,
    { registry, isTransient: true },
  );
}

function rangeStart(response: Response, offset: number): number {
  const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return start === undefined ? offset : Number(start);
}
