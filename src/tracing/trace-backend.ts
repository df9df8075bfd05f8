import type { CriBackend } from "../cri/backend.ts";
import type { CallOptions } from "../cri/services.ts";
import type { Span, Tracer } from "./tracer.ts";

/**
 * The backend with a span for each call, below `parent`, named as on the wire:
 * `runtime.v1.RuntimeService/ListContainers`. The server is told of the span, so that its own join.
 */
export function traceBackend(backend: CriBackend, tracer: Tracer, parent: Span): CriBackend {
  const traced = <T extends object>(service: string, target: T): T =>
    new Proxy(target, {
      get: (_target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function" || typeof name !== "string") return method;
        return (request: object, options: CallOptions = {}) => {
          const span = tracer.start({
            name: `runtime.v1.${service}/${name.charAt(0).toUpperCase()}${name.slice(1)}`,
            kind: "client",
            attributes: {
              "rpc.system": "grpc",
              "rpc.service": `runtime.v1.${service}`,
              "rpc.method": `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
            },
            parent,
          });
          const metadata = { ...options.metadata, traceparent: span.traceparent };
          const answer: unknown = method.call(target, request, { ...options, metadata });
          return isIterable(answer)
            ? follow(answer, span)
            : settle(answer as Promise<object>, span);
        };
      },
    });
  return Object.create(backend, {
    runtime: { value: traced("RuntimeService", backend.runtime), enumerable: true },
    images: { value: traced("ImageService", backend.images), enumerable: true },
  });
}

async function settle(answer: Promise<object>, span: Span): Promise<object> {
  try {
    return await answer;
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

async function* follow(answers: AsyncIterable<object>, span: Span): AsyncGenerator<object, void> {
  try {
    yield* answers;
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

function isIterable(answer: unknown): answer is AsyncIterable<object> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}
