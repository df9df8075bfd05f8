import { hasCode, StatusError } from "../errors/status-error.ts";
import { negotiateApi } from "./api-version.ts";
import { callTimeoutMs } from "./call-deadlines.ts";
import { type ImageMethod, type MethodFacts, methodPath, type RuntimeMethod } from "./methods.ts";
import type { ApiVersion } from "./parse-endpoint.ts";
import type { CallOptions } from "./services.ts";
import type { Transport, TransportCall } from "./transport.ts";
import { isConnectError, isRefusedConnection } from "./wire-error.ts";

/** One connection's RPCs: codecs, the CRI package, deadlines and retries over a transport. */
export interface RpcClient {
  unary(rpc: Rpc, request: object, options?: CallOptions): Promise<object>;
  serverStream(rpc: Rpc, request: object, options?: CallOptions): AsyncIterable<object>;
  close(): void;
}

export interface Rpc {
  service: "RuntimeService" | "ImageService";
  method: RuntimeMethod | ImageMethod;
  facts: MethodFacts;
}

export interface RpcClientOptions {
  /** Overrides the deadline of every kind of call. */
  timeoutMs?: number | undefined;
  maxRetries: number;
  apiVersion?: ApiVersion | undefined;
  /** Ends every call. */
  signal?: AbortSignal | undefined;
}

const FIRST_RETRY_MS = 50;

export function createRpcClient(transport: Transport, settings: RpcClientOptions): RpcClient {
  const api = negotiateApi(settings.apiVersion);
  let isClosed = false;

  async function unary(rpc: Rpc, request: object, options: CallOptions = {}): Promise<object> {
    const message = rpc.facts.request.encode(request).finish();
    const timeoutMs = options.timeoutMs ?? settings.timeoutMs ?? callTimeoutMs(rpc.method, request);
    const signal = joinSignals(settings.signal, options.signal);
    let unimplemented: unknown;
    for (const version of api.candidates()) {
      const { maxMessageBytes } = options;
      const call = {
        path: path(rpc, version),
        message,
        timeoutMs,
        signal,
        maxMessageBytes,
        isHarmless: changesNothing(rpc.method) || opensStream(rpc.method),
        ...metadataOf(options),
      };
      try {
        const answer = await withRetries(rpc, settings.maxRetries, call);
        api.settle(version);
        return decode(rpc, answer);
      } catch (error) {
        api.settle(version, error);
        if (!hasCode(error, "Unimplemented")) throw error;
        unimplemented ??= error;
      }
    }
    throw unimplemented;
  }

  async function withRetries(
    rpc: Rpc,
    maxRetries: number,
    call: TransportCall,
  ): Promise<Uint8Array> {
    for (let retry = 0; ; retry++) {
      try {
        return await transport.unary(call);
      } catch (error) {
        if (isClosed || retry >= maxRetries || !mayRetry(rpc.method, error)) throw error;
        await pause(retry, call.signal);
      }
    }
  }

  async function* serverStream(
    rpc: Rpc,
    request: object,
    options: CallOptions = {},
  ): AsyncGenerator<object, void> {
    const message = rpc.facts.request.encode(request).finish();
    const signal = joinSignals(settings.signal, options.signal);
    let unimplemented: unknown;
    for (const version of api.candidates()) {
      const timeoutMs = options.timeoutMs ?? 0;
      const call = { path: path(rpc, version), message, timeoutMs, signal, ...metadataOf(options) };
      let received = false;
      try {
        for await (const bytes of transport.serverStream(call)) {
          received = true;
          api.settle(version);
          yield decode(rpc, bytes);
        }
        return;
      } catch (error) {
        if (received || !hasCode(error, "Unimplemented")) throw error;
        unimplemented ??= error;
      }
    }
    throw unimplemented;
  }

  return {
    unary,
    serverStream,
    close() {
      isClosed = true;
      transport.close();
    },
  };
}

function path(rpc: Rpc, version: ApiVersion): string {
  return methodPath(`runtime.${version}`, rpc.service, rpc.method);
}

function metadataOf({ metadata }: CallOptions): Pick<TransportCall, "metadata"> {
  return metadata === undefined ? {} : { metadata };
}

function decode(rpc: Rpc, bytes: Uint8Array): object {
  try {
    return rpc.facts.response.decode(bytes);
  } catch (error) {
    throw new StatusError("Internal", `the answer to "${rpc.method}" is malformed`, {
      cause: error,
      hint: "is this endpoint a CRI server?",
    });
  }
}

/**
 * A call that never reached the server may be made again whatever it does; one whose connection was
 * lost only where it changes nothing. A missing socket and a refused permission are final.
 */
function mayRetry(method: string, error: unknown): boolean {
  if (!hasCode(error, "Unavailable")) return false;
  if (isConnectError(error)) return isRefusedConnection(error);
  return changesNothing(method);
}

/** String by string: a first regular expression costs a start its time. */
function changesNothing(method: string): boolean {
  return (
    method.startsWith("list") ||
    method.endsWith("Status") ||
    method.endsWith("Stats") ||
    ["version", "status", "runtimeConfig", "imageFsInfo"].includes(method)
  );
}

/** Calls whose answer is a URL: nothing happens before that is dialled. */
function opensStream(method: string): boolean {
  return method === "exec" || method === "attach" || method === "portForward";
}

/** Doubling pauses from 50 ms, each spread by half so that many clients do not come at once. */
async function pause(retry: number, signal: AbortSignal | undefined): Promise<void> {
  const waitMs = FIRST_RETRY_MS * 2 ** retry * (0.75 + Math.random() / 2);
  const { setTimeout: delay } = await import("node:timers/promises");
  try {
    await delay(waitMs, undefined, signal === undefined ? {} : { signal });
  } catch {
    // The signal cut it short: the transport, asked again, says what that means.
  }
}

function joinSignals(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): AbortSignal | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return AbortSignal.any([first, second]);
}
