import type { ClientRequest, IncomingMessage } from "node:http";
import { StatusError } from "../errors/status-error.ts";
import { RegistryError } from "./registry-error.ts";
import type { RegistryTrust } from "./registry-trust.ts";
import { toRegistryError } from "./to-registry-error.ts";

export interface StreamRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  /** Exactly `sizeBytes` of it are sent; it is asked for more only when the connection takes more. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly registry: string;
  readonly trust: RegistryTrust | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Between two pieces that the registry takes. */
  readonly stallTimeoutMs: number;
  /** For the answer once everything is sent. */
  readonly answerTimeoutMs: number;
}

/**
 * PATCHes a long body and resolves to the answer, which may come before the body's end: then the rest
 * is not sent. Node's own client in place of fetch, whose queue on Node takes a whole layer into
 * memory when the network is slower than the disk. Rejects with RegistryError, Cancelled, or what the
 * body throws.
 */
export async function sendStream(request: StreamRequest): Promise<Response> {
  const { registry, signal } = request;
  const { toResponse } = await import("./fetch-with-trust.ts");
  const watch = watchProgress(request);
  let outgoing: ClientRequest | undefined;
  try {
    outgoing = await openRequest(request, watch.signal);
    const answered = nextAnswer(outgoing);
    // A failure of the body is told by feeding, one of the connection by the answer.
    answered.catch(() => {});
    const feeding = feed(outgoing, request, { answered, watch });
    const answer = await Promise.race([answered, feeding.then(() => answered)]);
    const response = toResponse(answer, "PATCH");
    if (outgoing.writableEnded) return response;
    // The rest of the body is not wanted, and the connection of no use for another request.
    const { status, headers } = response;
    const text = await response.text().catch(() => "");
    outgoing.once("error", () => {}).destroy();
    return new Response(text, { status, headers });
  } catch (error) {
    outgoing?.once("error", () => {}).destroy();
    if (watch.stalledAfterMs() !== undefined && !signal?.aborted) {
      throw new RegistryError(
        "Unavailable",
        `the registry "${registry}" took nothing for ${Math.round((watch.stalledAfterMs() ?? 0) / 1000)} s`,
        { registry, isTransient: true },
      );
    }
    throw error instanceof StatusError ? error : toRegistryError(error, { registry, signal });
  } finally {
    watch.stop();
  }
}

interface Watch {
  readonly signal: AbortSignal;
  /** Something has moved; from now on the next thing may take that long. */
  moved(timeoutMs: number): void;
  stalledAfterMs(): number | undefined;
  stop(): void;
}

function watchProgress({ signal, stallTimeoutMs }: StreamRequest): Watch {
  const controller = new AbortController();
  let stalledAfterMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const moved = (timeoutMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalledAfterMs = timeoutMs;
      controller.abort();
    }, timeoutMs);
  };
  moved(stallTimeoutMs);
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([controller.signal, signal]),
    moved,
    stalledAfterMs: () => stalledAfterMs,
    stop: () => clearTimeout(timer),
  };
}

async function openRequest(request: StreamRequest, signal: AbortSignal): Promise<ClientRequest> {
  const { url, headers, sizeBytes, trust } = request;
  const options = {
    method: "PATCH",
    headers: { ...headers, "content-length": String(sizeBytes) },
    signal,
  };
  if (url.protocol === "http:") return (await import("node:http")).request(url, options);
  const tls =
    trust === undefined ? {} : await (await import("./registry-trust.ts")).tlsOptions(trust);
  return (await import("node:https")).request(url, { ...options, ...tls });
}

function nextAnswer(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
    outgoing.once("close", () => reject(new Error("the connection was closed")));
  });
}

/** Writes the body, no faster than the connection takes it; stops where an answer comes first. */
async function feed(
  outgoing: ClientRequest,
  request: StreamRequest,
  { answered, watch }: { answered: Promise<unknown>; watch: Watch },
): Promise<void> {
  let isOver = false;
  let wake = () => {};
  const end = () => {
    isOver = true;
    wake();
  };
  answered.then(end, end);
  outgoing.on("drain", () => wake());
  let left = request.sizeBytes;
  for await (const piece of request.body) {
    if (isOver) return;
    const part = piece.length > left ? piece.subarray(0, left) : piece;
    left -= part.length;
    if (!outgoing.write(part)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isOver || !outgoing.writableNeedDrain) resolve();
      });
    }
    watch.moved(request.stallTimeoutMs);
    if (left === 0) break;
  }
  if (isOver) return;
  watch.moved(request.answerTimeoutMs);
  outgoing.end();
}
