import { StatusError } from "../errors/status-error.ts";
import type { EarlySocket } from "../host/connect-early.ts";
import type { CriBackend } from "./backend.ts";
import type { ImageStore } from "./image-store.ts";
import { withLargeImageLists, withLargeLists } from "./large-lists.ts";
import { openLeanTransport } from "./lean-transport.ts";
import {
  type ApiVersion,
  parseEndpoint,
  type TcpEndpoint,
  type UnixEndpoint,
} from "./parse-endpoint.ts";
import { remoteImageService, remoteRuntimeService } from "./remote-services.ts";
import { remoteStreams } from "./remote-streams.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";
import type { ExchangeTransport, Transport } from "./transport.ts";

export interface RemoteOptions {
  /** `unix:///path`, `/path` or `tcp://host:port`, with endpoint options. */
  runtimeEndpoint: string;
  /** The runtime's where absent. */
  imageEndpoint?: string | undefined;
  /** Overrides the deadline of every unary call; 0 means none. */
  timeoutMs?: number | undefined;
  connectTimeoutMs: number;
  maxRetries: number;
  /** Lean on a unix socket and grpc-js on tcp where absent. */
  transport?: "lean" | "grpc-js" | undefined;
  /** Forces the CRI package; an endpoint's own option goes before it. */
  apiVersion?: ApiVersion | undefined;
  /** A connection to the runtime's unix socket that stands already; closed with the backend. */
  early?: EarlySocket | undefined;
  /** Ends every call of the backend. */
  signal?: AbortSignal | undefined;
}

/**
 * A CRI server behind a unix or tcp endpoint, as a backend. It connects at the first call and again
 * after the daemon came back; nothing is sent before. Rejects with InvalidArgument for an endpoint
 * that is malformed or is not remote; an endpoint that does not answer fails the calls.
 */
export async function openRemote(options: RemoteOptions): Promise<CriBackend> {
  const runtimeEndpoint = remoteEndpoint(options.runtimeEndpoint);
  const imageText = options.imageEndpoint ?? options.runtimeEndpoint;
  const imageEndpoint = remoteEndpoint(imageText);
  const connect = async (
    endpoint: typeof runtimeEndpoint,
    early?: EarlySocket,
  ): Promise<Connected> => {
    const { connectTimeoutMs } = options;
    const lean = openLeanTransport(endpoint, { connectTimeoutMs, early });
    const transport = usesLean(endpoint, options) ? lean : await openGrpcJs(endpoint, options);
    const apiVersion = endpoint.apiVersion ?? options.apiVersion;
    return { lean, client: createRpcClient(transport, { ...options, apiVersion }) };
  };

  const forRuntime = await connect(runtimeEndpoint, options.early);
  const shared =
    imageEndpoint.text === runtimeEndpoint.text &&
    imageEndpoint.apiVersion === runtimeEndpoint.apiVersion;
  const forImages = shared ? forRuntime : await connect(imageEndpoint);
  const runtime = withLargeLists(remoteRuntimeService(forRuntime.client));
  const images = withLargeImageLists(remoteImageService(forImages.client));
  let imageStore: Promise<ImageStore | undefined> | undefined;
  return {
    kind: "remote",
    endpoint: runtimeEndpoint.text,
    runtime,
    images,
    streams: remoteStreams(runtime),
    async imageStore() {
      imageStore ??= import("./native-image-store.ts").then(({ findNativeImageStore }) =>
        findNativeImageStore({
          ...options,
          transport: forImages.lean,
          runtime: shared ? runtime : remoteRuntimeService(forImages.client),
          images,
        }),
      );
      // A daemon that did not answer may do so later.
      imageStore.catch(() => {
        imageStore = undefined;
      });
      return await imageStore;
    },
    async close() {
      forRuntime.client.close();
      forImages.client.close();
      forImages.lean.close();
    },
  };
}

interface Connected {
  /** Has what a server's own services need; connects when used. */
  readonly lean: ExchangeTransport;
  readonly client: RpcClient;
}

function usesLean(endpoint: UnixEndpoint | TcpEndpoint, { transport }: RemoteOptions): boolean {
  return (transport ?? (endpoint.kind === "unix" ? "lean" : "grpc-js")) === "lean";
}

async function openGrpcJs(
  endpoint: UnixEndpoint | TcpEndpoint,
  options: RemoteOptions,
): Promise<Transport> {
  const { openGrpcJsTransport } = await import("./grpc-js-transport.ts");
  return await openGrpcJsTransport(endpoint, options);
}

function remoteEndpoint(text: string) {
  const endpoint = parseEndpoint(text);
  if (endpoint.kind !== "embedded") return endpoint;
  throw new StatusError("InvalidArgument", `"${text}" is not the endpoint of a server`, {
    hint: "write unix:///PATH or tcp://HOST:PORT",
  });
}
