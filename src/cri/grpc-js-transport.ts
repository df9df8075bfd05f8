import type { Client, ClientReadableStream, Metadata } from "@grpc/grpc-js";
import type { StatusError } from "../errors/status-error.ts";
import { callMetadata } from "./call-metadata.ts";
import type { TcpEndpoint, UnixEndpoint } from "./parse-endpoint.ts";
import { MAX_MESSAGE_BYTES, type Transport, type TransportCall } from "./transport.ts";
import {
  type CallFacts,
  callFacts,
  cancelled,
  closedError,
  connectError,
  fromWireError,
} from "./wire-error.ts";

export interface GrpcJsOptions {
  /** Time for the connection alone, within the time of the call. */
  connectTimeoutMs: number;
}

/** HTTP/2 starts at 64 KiB, which costs a round trip per 64 KiB of a large answer. */
const FLOW_CONTROL_BYTES = 1024 * 1024;

type GrpcModule = typeof import("@grpc/grpc-js");

/**
 * Transport over @grpc/grpc-js. It connects at the first call; a connection that failed is replaced
 * at the next call without waiting, so a daemon that came back answers at once.
 */
export async function openGrpcJsTransport(
  endpoint: UnixEndpoint | TcpEndpoint,
  options: GrpcJsOptions,
): Promise<Transport> {
  const grpc = await import("@grpc/grpc-js");
  const state: Connection = {
    grpc,
    endpoint,
    client: undefined,
    running: new Set(),
    closed: false,
    ...options,
  };
  return {
    unary: (call) => unary(state, call),
    serverStream: (call) => serverStream(state, call),
    close() {
      state.closed = true;
      // Closing the client alone would wait for the calls that run.
      for (const call of state.running) call.cancel();
      state.client?.close();
      state.client = undefined;
    },
  };
}

interface Connection extends GrpcJsOptions {
  readonly grpc: GrpcModule;
  readonly endpoint: UnixEndpoint | TcpEndpoint;
  client: Client | undefined;
  readonly running: Set<{ cancel(): void }>;
  closed: boolean;
}

async function unary(connection: Connection, call: TransportCall): Promise<Uint8Array> {
  const facts = callFacts(connection.endpoint.text, call);
  if (call.signal?.aborted === true) throw cancelled(facts);
  const { maxMessageBytes } = call;
  const current = currentClient(connection, facts);
  // The library has that limit for a whole connection.
  const client = maxMessageBytes === undefined ? current : newClient(connection, maxMessageBytes);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const running = client.makeUnaryRequest(
    call.path,
    asBuffer,
    (bytes) => bytes,
    call.message,
    toMetadata(connection.grpc, call),
    callDeadline(call),
    (error, answer) => (error === null ? resolve(answer ?? new Uint8Array(0)) : reject(error)),
  );
  const guard = guardCall(connection, client, call, running);
  try {
    return await promise;
  } catch (error) {
    throw failure(connection, guard, error, facts);
  } finally {
    guard.release();
    if (client !== current) client.close();
  }
}

async function* serverStream(
  connection: Connection,
  call: TransportCall,
): AsyncGenerator<Uint8Array, void> {
  const facts = callFacts(connection.endpoint.text, call);
  if (call.signal?.aborted === true) throw cancelled(facts);
  const client = currentClient(connection, facts);
  const running: ClientReadableStream<Uint8Array> = client.makeServerStreamRequest(
    call.path,
    asBuffer,
    (bytes) => bytes,
    call.message,
    toMetadata(connection.grpc, call),
    callDeadline(call),
  );
  const guard = guardCall(connection, client, call, running);
  // After the loop is left, the cancelled call still reports its end: nobody waits for that.
  running.on("error", () => undefined);
  try {
    for await (const bytes of running) yield bytes;
  } catch (error) {
    throw failure(connection, guard, error, facts);
  } finally {
    guard.release();
    running.cancel();
  }
}

function currentClient(connection: Connection, facts: CallFacts): Client {
  if (connection.closed) throw closedError(facts.endpoint);
  const { TRANSIENT_FAILURE, SHUTDOWN } = connection.grpc.connectivityState;
  const state = connection.client?.getChannel().getConnectivityState(false);
  if (state === TRANSIENT_FAILURE || state === SHUTDOWN) {
    connection.client?.close();
    connection.client = undefined;
  }
  connection.client ??= newClient(connection);
  return connection.client;
}

function newClient({ grpc, endpoint }: Connection, maxBytes = MAX_MESSAGE_BYTES): Client {
  return new grpc.Client(grpcTarget(endpoint), grpc.credentials.createInsecure(), {
    // grpc-go refuses the percent-encoded socket path that is the default authority.
    "grpc.default_authority": "localhost",
    "grpc.max_receive_message_length": maxBytes,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    "grpc-node.flow_control_window": FLOW_CONTROL_BYTES,
    // A new client must not wait for the back-off of the one it replaces.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config_disable_resolution": 1,
  });
}

function grpcTarget(endpoint: UnixEndpoint | TcpEndpoint): string {
  if (endpoint.kind === "unix") return `unix:${endpoint.path}`;
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `dns:${host}:${endpoint.port}`;
}

interface CallGuard {
  /** True where the call was ended because no connection came about in time. */
  connectTimedOut(): boolean;
  release(): void;
}

/** What may end a call beside its answer and its deadline: the caller's signal and a slow connection. */
function guardCall(
  connection: Connection,
  client: Client,
  call: TransportCall,
  running: { cancel(): void },
): CallGuard {
  const { READY } = connection.grpc.connectivityState;
  const channel = client.getChannel();
  let timedOut = false;
  connection.running.add(running);
  const onAbort = () => running.cancel();
  call.signal?.addEventListener("abort", onAbort, { once: true });
  const connected = channel.getConnectivityState(false) === READY;
  const onTimeout = () => {
    if (channel.getConnectivityState(false) === READY) return;
    timedOut = true;
    running.cancel();
  };
  const timer =
    connected || connection.connectTimeoutMs === 0
      ? undefined
      : setTimeout(onTimeout, connection.connectTimeoutMs);
  return {
    connectTimedOut: () => timedOut,
    release() {
      connection.running.delete(running);
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", onAbort);
    },
  };
}

function failure(
  connection: Connection,
  guard: CallGuard,
  error: unknown,
  facts: CallFacts,
): StatusError {
  if (connection.closed) return closedError(facts.endpoint);
  return guard.connectTimedOut() ? notConnected(connection) : fromWireError(error, facts);
}

/** The half-made connection goes too: the next call starts afresh. */
function notConnected(connection: Connection): StatusError {
  connection.client?.close();
  connection.client = undefined;
  return connectError(connection.endpoint.text, "ETIMEDOUT");
}

function toMetadata(grpc: GrpcModule, call: TransportCall): Metadata {
  const metadata = new grpc.Metadata();
  for (const [name, value] of callMetadata(call.metadata)) {
    metadata.set(name, name.endsWith("-bin") ? Buffer.from(value, "base64") : value);
  }
  return metadata;
}

function callDeadline(call: TransportCall): { deadline?: number } {
  return call.timeoutMs === 0 ? {} : { deadline: Date.now() + call.timeoutMs };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
