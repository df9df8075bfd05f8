import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PortForwardSession, Streams } from "../../cri/backend.ts";
import type { PortForwardRequest } from "../../cri/gen/runtime/v1/api.ts";
import { describe } from "../../errors/describe.ts";
import { StatusError } from "../../errors/status-error.ts";
import { breakOff } from "../../host/break-off.ts";
import {
  PORT_HEADER,
  REQUEST_ID_HEADER,
  STREAM_TYPE_HEADER,
} from "../../streaming/channels/protocols.ts";
import { SpdySession } from "../../streaming/spdy/session.ts";
import type { SpdyStream } from "../../streaming/spdy/stream.ts";

export interface PortForwardContext {
  readonly request: PortForwardRequest;
  readonly streams: Streams;
  readonly openTimeoutMs: number;
  readonly shutdown: AbortSignal;
}

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
  timer: NodeJS.Timeout;
}

/** Serves connections to the pod until the client goes away. One that breaks ends alone. */
export async function servePortForward(
  transport: Duplex,
  head: Buffer,
  context: PortForwardContext,
): Promise<void> {
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, context.shutdown]);
  const forwarding = context.streams.portForward(context.request, { signal });
  forwarding.catch(() => {});
  const pairs = new Map<string, Pair>();
  const session = new SpdySession(transport, {
    role: "server",
    head,
    onStream: (stream) => {
      stream.on("error", () => {});
      const pair = addToPair(pairs, stream, context.openTimeoutMs);
      if (pair?.data === undefined || pair.error === undefined) return;
      forward(forwarding, pair.data, pair.error);
    },
  });
  const onShutdown = (): void => session.destroy();
  context.shutdown.addEventListener("abort", onShutdown, { once: true });
  await session.closed;
  context.shutdown.removeEventListener("abort", onShutdown);
  for (const { timer } of pairs.values()) clearTimeout(timer);
  gone.abort();
  const opened = await forwarding.catch(() => undefined);
  await opened?.close();
}

/** Accepts the stream into its connection's pair; the pair leaves the map when it is whole. */
function addToPair(
  pairs: Map<string, Pair>,
  stream: SpdyStream,
  timeoutMs: number,
): Pair | undefined {
  const type = stream.headers.get(STREAM_TYPE_HEADER);
  if (type !== "error" && type !== "data") {
    stream.refuse();
    return undefined;
  }
  const id = stream.headers.get(REQUEST_ID_HEADER) ?? pairIdWithout(type, stream.streamId);
  const pair = pairs.get(id) ?? { timer: expirePair(pairs, id, timeoutMs) };
  if (pair[type] !== undefined) {
    stream.refuse();
    return undefined;
  }
  pairs.set(id, pair);
  pair[type] = stream;
  stream.accept();
  if (pair.data !== undefined && pair.error !== undefined) {
    clearTimeout(pair.timer);
    pairs.delete(id);
  }
  return pair;
}

/** Old clients send no ID: they open the error stream first, and the data stream right after it. */
function pairIdWithout(type: "error" | "data", streamId: number): string {
  return `stream ${type === "error" ? streamId : streamId - 2}`;
}

function expirePair(pairs: Map<string, Pair>, id: string, timeoutMs: number): NodeJS.Timeout {
  return setTimeout(() => {
    const pair = pairs.get(id);
    pairs.delete(id);
    pair?.error?.destroy();
    pair?.data?.destroy();
  }, timeoutMs);
}

async function forward(
  forwarding: Promise<PortForwardSession>,
  data: SpdyStream,
  errors: SpdyStream,
): Promise<void> {
  errors.resume();
  // A reset half is an abort, not an end: the connection into the pod must not look complete.
  data.once("cut", (error: StatusError) => data.destroy(error));
  try {
    const port = parsePort(data.headers.get(PORT_HEADER) ?? "");
    const connection = await (await forwarding).connect(port);
    data.once("error", () => breakOff(connection));
    await Promise.all([pipeHalf(data, connection), pipeHalf(connection, data)]);
    errors.end();
  } catch (error) {
    // The reason goes out before the data is reset.
    errors.end(describe(error).message, () => data.destroy());
  }
}

/** One direction: its end closes only that half, its failure both connections. */
async function pipeHalf(source: Duplex, sink: Duplex): Promise<void> {
  try {
    await pipeline(source, sink);
  } catch (error) {
    source.destroy();
    sink.destroy();
    throw error;
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new StatusError(
    "InvalidArgument",
    `port "${text.slice(0, 20)}" is not between 1 and 65535`,
  );
}
