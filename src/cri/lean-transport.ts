import type { StatusError } from "../errors/status-error.ts";
import type { EarlySocket } from "../host/connect-early.ts";
import { Connections } from "./lean/connections.ts";
import { type CallSink, LeanCall, type LeanRequest } from "./lean/lean-call.ts";
import { LeanExchange } from "./lean/lean-exchange.ts";
import { MessageQueue } from "./lean/message-queue.ts";
import type { TcpEndpoint, UnixEndpoint } from "./parse-endpoint.ts";
import type { ExchangeTransport, TransportCall } from "./transport.ts";
import { type CallFacts, callFacts, closedError, fromWireError } from "./wire-error.ts";

export interface LeanOptions {
  /** Time for the connection alone, within the time of the call; 0 means no limit. */
  connectTimeoutMs: number;
  /** A connection to the endpoint that stands already; closed with the transport. */
  early?: EarlySocket | undefined;
}

const UNIMPLEMENTED = 12;

/**
 * Transport of our own over HTTP/2 without TLS: for the start and the speed of a command, and with
 * the meanings of the grpc-js one. It connects at the first call, and anew at the next call after
 * the connection ended or the server asked for it.
 */
export function openLeanTransport(
  endpoint: UnixEndpoint | TcpEndpoint,
  options: LeanOptions,
): ExchangeTransport {
  const connections = new Connections(endpoint, options);
  const running = new Set<LeanCall>();
  let isClosed = false;

  function start(call: LeanRequest, facts: CallFacts, sink: CallSink): LeanCall {
    if (isClosed) throw closedError(facts.endpoint);
    const started = new LeanCall(call, facts, {
      onMessage: (message) => sink.onMessage(message),
      onEnd(error, isLocal) {
        running.delete(started);
        sink.onEnd(error, isLocal);
      },
      onSent: () => sink.onSent?.(),
    });
    running.add(started);
    started.start(connections);
    return started;
  }

  function unary(call: TransportCall): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const facts = callFacts(endpoint.text, call);
      let answer: Uint8Array | undefined;
      const started = start(call, facts, {
        onMessage(message) {
          if (answer === undefined) answer = message;
          else started.fail(unimplemented("Too many responses received", facts));
          return true;
        },
        onEnd(error) {
          if (error !== undefined) reject(error);
          else if (answer === undefined) reject(unimplemented("No message received", facts));
          else resolve(answer);
        },
      });
    });
  }

  async function* serverStream(call: TransportCall): AsyncGenerator<Uint8Array, void> {
    const facts = callFacts(endpoint.text, call);
    const queue = new MessageQueue();
    const started = start(call, facts, queue);
    try {
      for (;;) {
        const message = await queue.next(() => started.takeMore());
        if (message === undefined) return;
        yield message;
      }
    } finally {
      started.fail(undefined);
    }
  }

  return {
    unary,
    serverStream,
    exchange(call) {
      const facts = callFacts(endpoint.text, call);
      return new LeanExchange(facts, (message, sink) =>
        start({ ...call, message, hasMore: true }, facts, sink),
      );
    },
    close() {
      isClosed = true;
      for (const call of [...running]) call.fail(closedError(endpoint.text));
      connections.close();
    },
  };
}

function unimplemented(details: string, facts: CallFacts): StatusError {
  return fromWireError({ code: UNIMPLEMENTED, details }, facts);
}
