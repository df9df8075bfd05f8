import { once } from "node:events";
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServiceDefinition,
  UntypedHandleCall,
} from "@grpc/grpc-js";
import { type MethodFacts, methodPath, type RuntimeMethod } from "../cri/methods.ts";
import type { CallOptions, ImageService, RuntimeService } from "../cri/services.ts";
import { toWireStatus } from "../cri/wire-error.ts";
import { StatusError } from "../errors/status-error.ts";

export interface ServiceHandlerOptions {
  /** `runtime.v1` */
  packageName: string;
  /** Ends server streams: the server takes no more calls. */
  stopping: AbortSignal;
  /** Ends all calls: their time to finish is over. */
  expiring: AbortSignal;
  onCallEnd: ((call: CallReport) => void) | undefined;
}

export interface CallReport {
  /** Name of the RPC as in the interface: `listContainers`. */
  method: string;
  elapsedMs: number;
  /** Undefined for a call that succeeded. */
  error: unknown;
}

interface ServiceHandlers {
  definition: ServiceDefinition;
  implementation: Record<string, UntypedHandleCall>;
}

/** What the library's unary and streaming calls have in common. */
interface Call {
  getDeadline(): Date | number;
  on(event: "cancelled", listener: () => void): unknown;
}

type Method = (request: object, options: CallOptions) => Promise<object> | AsyncIterable<object>;

/**
 * Makes what the gRPC library needs of a service: messages pass it as bytes, and the codecs of the
 * method table are applied here, so that a malformed request is InvalidArgument and not the
 * library's Internal.
 */
export function createServiceHandlers(options: ServiceHandlerOptions) {
  return (
    service: "RuntimeService" | "ImageService",
    methods: Readonly<Record<string, MethodFacts>>,
    target: RuntimeService | ImageService,
  ): ServiceHandlers => {
    const definition: Record<string, ServiceDefinition[string]> = {};
    const implementation: Record<string, UntypedHandleCall> = {};
    for (const [name, facts] of Object.entries(methods)) {
      const invoke = (target as unknown as Record<string, Method>)[name];
      if (invoke === undefined) continue;
      definition[name] = {
        path: methodPath(options.packageName, service, name as RuntimeMethod),
        requestStream: false,
        responseStream: facts.serverStreaming,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      };
      const method: BoundMethod = { name, facts, invoke: invoke.bind(target) };
      implementation[name] = facts.serverStreaming
        ? streamHandler(method, options)
        : unaryHandler(method, options);
    }
    return { definition, implementation };
  };
}

interface BoundMethod {
  name: string;
  facts: MethodFacts;
  invoke: Method;
}

function unaryHandler(
  method: BoundMethod,
  options: ServiceHandlerOptions,
): handleUnaryCall<Buffer, Buffer> {
  return async (call, callback) => {
    const scope = callScope(call, options, [options.expiring]);
    try {
      const request = decodeRequest(method, call.request);
      const answer = (await method.invoke(request, scope.callOptions())) as object;
      const bytes = asBuffer(method.facts.response.encode(answer).finish());
      scope.end(method.name, undefined);
      callback(null, bytes);
    } catch (error) {
      scope.end(method.name, error);
      callback(toWireStatus(error));
    }
  };
}

function streamHandler(
  method: BoundMethod,
  options: ServiceHandlerOptions,
): handleServerStreamingCall<Buffer, Buffer> {
  return async (call) => {
    const scope = callScope(call, options, [options.stopping, options.expiring]);
    try {
      const request = decodeRequest(method, call.request);
      const messages = method.invoke(request, scope.callOptions()) as AsyncIterable<object>;
      for await (const message of untilAborted(messages, scope.signal)) {
        const bytes = asBuffer(method.facts.response.encode(message).finish());
        if (!call.write(bytes)) await once(call, "drain", { signal: scope.signal });
      }
      scope.end(method.name, undefined);
      call.end();
    } catch (error) {
      const reason: unknown = scope.signal.aborted ? scope.signal.reason : error;
      scope.end(method.name, reason);
      call.emit("error", toWireStatus(reason));
    }
  };
}

interface CallScope {
  /** Aborted when the client has gone, its deadline has passed or the server ends. */
  signal: AbortSignal;
  callOptions(): CallOptions;
  end(method: string, error: unknown): void;
}

function callScope(
  call: Call,
  options: ServiceHandlerOptions,
  enders: readonly AbortSignal[],
): CallScope {
  const startedAt = performance.now();
  const client = new AbortController();
  const deadlineMs = Number(call.getDeadline());
  let ended = false;
  call.on("cancelled", () => {
    // The library says so after every call, also one that was answered.
    if (ended) return;
    client.abort(
      Date.now() >= deadlineMs
        ? new StatusError("DeadlineExceeded", "the caller's deadline has passed")
        : new StatusError("Cancelled", "the caller has cancelled the call"),
    );
  });
  const signal = AbortSignal.any([client.signal, ...enders]);
  return {
    signal,
    callOptions() {
      if (!Number.isFinite(deadlineMs)) return { signal, timeoutMs: 0 };
      return { signal, timeoutMs: Math.max(1, deadlineMs - Date.now()) };
    },
    end(method, error) {
      ended = true;
      options.onCallEnd?.({ method, elapsedMs: performance.now() - startedAt, error });
    },
  };
}

/** The messages until the signal aborts, even where the source is waiting for its next one. */
async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    for (;;) {
      const result = await Promise.race([iterator.next(), aborted]);
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // A generator that waits ends once its own signal has reached it: nobody waits for that here.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function decodeRequest({ name, facts }: BoundMethod, bytes: Uint8Array): object {
  try {
    return facts.request.decode(bytes);
  } catch (cause) {
    throw new StatusError("InvalidArgument", `the request of "${name}" is malformed`, { cause });
  }
}

function asIs<T>(value: T): T {
  return value;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
