import { IMAGE_METHODS, type MethodFacts, RUNTIME_METHODS } from "./methods.ts";
import type { Rpc, RpcClient } from "./rpc-client.ts";
import type { CallOptions, ImageService, RuntimeService } from "./services.ts";

/** RuntimeService whose every method is a call over the connection. */
export function remoteRuntimeService(client: RpcClient): RuntimeService {
  return remoteService(client, "RuntimeService", RUNTIME_METHODS) as unknown as RuntimeService;
}

/** ImageService whose every method is a call over the connection. */
export function remoteImageService(client: RpcClient): ImageService {
  return remoteService(client, "ImageService", IMAGE_METHODS) as unknown as ImageService;
}

type Method = (request: object, options?: CallOptions) => Promise<object> | AsyncIterable<object>;

/** The tables are held against the interfaces where they are written, so names and kinds agree. */
function remoteService(
  client: RpcClient,
  service: Rpc["service"],
  methods: Readonly<Record<string, MethodFacts>>,
): Record<string, Method> {
  const calls: Record<string, Method> = {};
  for (const [name, facts] of Object.entries(methods)) {
    const rpc: Rpc = { service, method: name as Rpc["method"], facts };
    calls[name] = facts.serverStreaming
      ? (request, options) => client.serverStream(rpc, request, options)
      : (request, options) => client.unary(rpc, request, options);
  }
  return calls;
}
