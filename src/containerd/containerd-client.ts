/**
 * src/containerd: containerd's own services on the socket that also answers CRI, for what CRI has no
 * call for: image archives, single names, uploads, history and the usage of disks. It owns the
 * protos, the content and snapshots it writes and the leases it writes them under, and keeps image
 * records the way containerd's CRI plugin does, so that CRI sees what it made. It uses what exists
 * since containerd 1.6 and knows no command.
 */
import { createMessage } from "../cri/create-message.ts";
import type { ExchangeTransport, MessageExchange, TransportCall } from "../cri/transport.ts";
import { StatusError } from "../errors/status-error.ts";
import type { Method } from "./methods.ts";

/** The services in CRI's namespace. Rejects with StatusError only, NotFound for what is not there. */
export interface ContainerdClient {
  /** Fields that are left out have proto3's defaults. */
  call<Request extends object, Response>(
    method: Method<Request, Response>,
    request: Partial<Request>,
  ): Promise<Response>;
  /** Leaving the loop early cancels the call. */
  stream<Request extends object, Response>(
    method: Method<Request, Response>,
    request: Partial<Request>,
  ): AsyncIterable<Response>;
  /** Messages are encoded and decoded by the caller. */
  exchange(method: MethodFacts): MessageExchange;
  /** The same services; what its calls make is kept by the lease, and the signal ends them. */
  with(binding: ClientBinding): ContainerdClient;
}

type MethodFacts = Pick<Method<never, unknown>, "path" | "timeoutMs">;

export interface ClientBinding {
  readonly leaseId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ClientOptions {
  readonly transport: ExchangeTransport;
  /** Overrides the deadline of calls that have one. */
  readonly timeoutMs?: number | undefined;
  /** Ends every call. */
  readonly signal?: AbortSignal | undefined;
}

/** The namespace of everything that CRI makes in containerd. */
const CRI_NAMESPACE = "k8s.io";

export function createContainerdClient(
  options: ClientOptions,
  binding: ClientBinding = {},
): ContainerdClient {
  const signal = binding.signal ?? options.signal;
  const toCall = ({ path, timeoutMs }: MethodFacts) =>
    ({
      path,
      timeoutMs: timeoutMs === 0 ? 0 : (options.timeoutMs ?? timeoutMs),
      signal,
      metadata: {
        "containerd-namespace": CRI_NAMESPACE,
        ...(binding.leaseId === undefined ? {} : { "containerd-lease": binding.leaseId }),
      },
    }) satisfies Omit<TransportCall, "message">;
  const encode = <Request extends object>(
    { request: codec }: Method<Request, unknown>,
    fields: Partial<Request>,
  ) => codec.encode(createMessage(codec, fields)).finish();

  return {
    async call(method, request) {
      const message = encode(method, request);
      return decode(method, await options.transport.unary({ ...toCall(method), message }));
    },
    async *stream(method, request) {
      const message = encode(method, request);
      const answers = options.transport.serverStream({ ...toCall(method), message });
      for await (const bytes of answers) yield decode(method, bytes);
    },
    exchange: (method) => options.transport.exchange(toCall(method)),
    with: (more) => createContainerdClient(options, { ...binding, ...more }),
  };
}

/** Reads an answer. Internal for one that is malformed. */
export function decode<Response>(
  { path, response }: Pick<Method<never, Response>, "path" | "response">,
  bytes: Uint8Array,
): Response {
  try {
    return response.decode(bytes);
  } catch (cause) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    throw new StatusError("Internal", `containerd's answer to "${name}" is malformed`, { cause });
  }
}
