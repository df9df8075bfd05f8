import {
  askRegistry,
  discardBody,
  headersFor,
  type RegistryAccess,
  resolveLocation,
} from "./ask-registry.ts";
import { readErrorResponse } from "./read-error-response.ts";
import { endpointUrl } from "./registry-endpoint.ts";
import { RegistryError } from "./registry-error.ts";
import type { RegistryPatience } from "./retry.ts";
import { sendStream } from "./send-stream.ts";

/** An upload that the registry has begun (distribution-spec, "Pushing blobs"). */
export interface UploadSession {
  readonly location: URL;
  /** So many bytes the registry has. */
  readonly offset: number;
  /** Parts but the last may not be smaller. */
  readonly leastPartBytes: number;
  /** No upload after all: the blob was taken from another repository. */
  readonly isMounted: boolean;
}

interface Uploading {
  readonly repository: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly patience: RegistryPatience;
  readonly signal?: AbortSignal | undefined;
}

/** A registry may have to move a whole layer before it answers. */
const COMMIT_TIMEOUT_FACTOR = 10;
const OCTETS = { "content-type": "application/octet-stream" };

export async function beginUpload(
  access: RegistryAccess,
  upload: Uploading & { mountFrom?: string | undefined },
): Promise<UploadSession> {
  const { mountFrom } = upload;
  if (mountFrom === undefined) return await postUpload(access, upload, "");
  try {
    const query = new URLSearchParams({ mount: upload.digest, from: mountFrom });
    return await postUpload(access, upload, `?${query}`);
  } catch (error) {
    // A registry that does not know the other repository, or hides it, may refuse at all.
    const status = error instanceof RegistryError && !error.isTransient ? error.httpStatus : 0;
    if (status === undefined || status < 400) throw error;
    return await postUpload(access, upload, "");
  }
}

async function postUpload(
  access: RegistryAccess,
  upload: Uploading,
  query: string,
): Promise<UploadSession> {
  const { repository, patience, signal } = upload;
  const path = `/v2/${repository}/blobs/uploads/${query}`;
  const response = await askRegistry(access, {
    method: "POST",
    path,
    what: whatOf(upload),
    signal,
    timeoutMs: patience.answerTimeoutMs,
  });
  await discardBody(response);
  const base = endpointUrl(access.endpoint, path);
  return toSession(access, response, { base, offset: 0, leastPartBytes: 0 });
}

/**
 * Sends the bytes from where the session stands up to `end`, and tells where it stands then: further
 * on in any case.
 */
export async function appendToUpload(
  access: RegistryAccess,
  upload: Uploading,
  { session, end, body }: { session: UploadSession; end: number; body: AsyncIterable<Uint8Array> },
): Promise<UploadSession> {
  const { patience, signal } = upload;
  const { location, offset } = session;
  const isWhole = offset === 0 && end === upload.sizeBytes;
  // Registries that know no parts refuse the header.
  const range = isWhole ? {} : { "content-range": `${offset}-${end - 1}` };
  const response = await sendStream({
    url: location,
    headers: headersFor(access, location, { ...OCTETS, ...range }),
    sizeBytes: end - offset,
    body,
    registry: location.host,
    trust: access.trust,
    signal,
    stallTimeoutMs: patience.stallTimeoutMs,
    answerTimeoutMs: patience.answerTimeoutMs * COMMIT_TIMEOUT_FACTOR,
  });
  if (response.ok) {
    await discardBody(response);
    const next = toSession(access, response, { ...session, base: location, offset: end });
    if (next.offset > offset) return next;
    throw new RegistryError(
      "Unavailable",
      `the registry "${location.host}" lost what it was sent`,
      {
        registry: location.host,
        isTransient: true,
      },
    );
  }
  // The proof may have grown too old while the layers before went up.
  const isRenewed = response.status === 401 && (await access.authorizer.answer(response, signal));
  const refusal = await readErrorResponse(response, {
    registry: location.host,
    what: whatOf(upload),
    purpose: access.purpose,
    hasCredentials: access.authorizer.hasCredentials,
  });
  if (!isRenewed) throw refusal;
  throw new RegistryError(refusal.code, refusal.message, {
    registry: location.host,
    cause: refusal,
    isTransient: true,
  });
}

/** Commits it, with the rest of the bytes where they have not been sent. */
export async function finishUpload(
  access: RegistryAccess,
  upload: Uploading,
  { session, rest }: { session: UploadSession; rest?: Buffer<ArrayBuffer> },
): Promise<void> {
  const { patience, signal, digest } = upload;
  const path = new URL(session.location);
  // What the registry wrote into the query stays as it wrote it.
  path.search += `${path.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  const response = await askRegistry(access, {
    method: "PUT",
    path,
    headers: OCTETS,
    body: rest ?? Buffer.alloc(0),
    what: whatOf(upload),
    signal,
    timeoutMs: patience.answerTimeoutMs * COMMIT_TIMEOUT_FACTOR,
  });
  await discardBody(response);
}

/** Where a broken session stands by now; undefined where it is to be begun anew. */
export async function resumeUpload(
  access: RegistryAccess,
  upload: Uploading,
  session: UploadSession | undefined,
): Promise<UploadSession | undefined> {
  if (session === undefined) return undefined;
  const { patience, signal } = upload;
  try {
    const response = await askRegistry(access, {
      path: session.location,
      what: whatOf(upload),
      signal,
      timeoutMs: patience.answerTimeoutMs,
    });
    await discardBody(response);
    const offset = rangeEnd(response);
    if (offset === undefined) return undefined;
    return toSession(access, response, { ...session, base: session.location, offset });
  } catch (error) {
    // Not every registry tells; then it takes the blob from its first byte on.
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

function toSession(
  { endpoint }: RegistryAccess,
  response: Response,
  known: { base: URL; offset: number; leastPartBytes: number },
): UploadSession {
  const isMounted = response.status === 201;
  const text = response.headers.get("location");
  const least = Number(response.headers.get("oci-chunk-min-length") ?? known.leastPartBytes);
  return {
    location: text === null ? known.base : locationOf(known.base, text, endpoint.host),
    offset: response.status === 202 ? (rangeEnd(response) ?? known.offset) : known.offset,
    leastPartBytes: Number.isSafeInteger(least) ? least : 0,
    isMounted,
  };
}

/** A registry behind a proxy that ends TLS may give its own address with http. */
function locationOf(base: URL, text: string, registry: string): URL {
  const to = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (to?.hostname === base.hostname && base.protocol === "https:" && to.protocol === "http:") {
    to.protocol = "https:";
    to.port = base.port;
    return to;
  }
  return resolveLocation(base, text, registry);
}

/** `0-99` says that there are 100 bytes; some write `bytes=0-99`. Nothing at all is also `0-0`. */
function rangeEnd(response: Response): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.get("range") ?? "")?.[1];
  if (last === undefined) return undefined;
  return last === "0" ? 0 : Number(last) + 1;
}

function whatOf({ repository, digest }: Uploading): string {
  return `blob "${digest}" for "${repository}"`;
}
