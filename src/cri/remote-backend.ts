import { StatusError } from "../errors/status-error.ts";
import type { CriBackend } from "./backend.ts";
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
import type { Transport } from "./transport.ts";

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
  const connect = async (endpoint: typeof runtimeEndpoint): Promise<RpcClient> =>
    createRpcClient(await openTransport(endpoint, options), {
      ...options,
      apiVersion: endpoint.apiVersion ?? options.apiVersion,
    });

  const runtimeClient = await connect(runtimeEndpoint);
  const shared =
    imageEndpoint.text === runtimeEndpoint.text &&
    imageEndpoint.apiVersion === runtimeEndpoint.apiVersion;
  const imageClient = shared ? runtimeClient : await connect(imageEndpoint);
  const runtime = withLargeLists(remoteRuntimeService(runtimeClient));
  return {
    kind: "remote",
    endpoint: runtimeEndpoint.text,
    runtime,
    images: withLargeImageLists(remoteImageService(imageClient)),
    streams: remoteStreams(runtime),
    imageStore: async () => undefined,
    async close() {
      runtimeClient.close();
      imageClient.close();
    },
  };
}

async function openTransport(
  endpoint: UnixEndpoint | TcpEndpoint,
  options: RemoteOptions,
): Promise<Transport> {
  const name = options.transport ?? (endpoint.kind === "unix" ? "lean" : "grpc-js");
  if (name === "lean") return openLeanTransport(endpoint, options);
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
