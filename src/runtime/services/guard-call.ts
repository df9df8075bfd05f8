import type { CallOptions } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import { throwIfAborted } from "../../host/sleep.ts";

/**
 * A method as the contract has it: a deadline becomes part of the signal, an aborted call does not
 * begin, and every failure is a StatusError.
 */
export function guardCall<Request, Response>(
  work: (request: Request, options: CallOptions) => Promise<Response>,
): (request: Request, options?: CallOptions) => Promise<Response> {
  return async (request, options = {}) => {
    try {
      const bounded = withDeadline(options);
      throwIfAborted(bounded.signal);
      return await work(request, bounded);
    } catch (error) {
      throw toStatusError(error);
    }
  };
}

/** The same for a stream of responses. */
export function guardStream<Request, Response>(
  work: (request: Request, options: CallOptions) => AsyncIterable<Response>,
): (request: Request, options?: CallOptions) => AsyncIterable<Response> {
  return async function* (request, options = {}) {
    try {
      const bounded = withDeadline(options);
      throwIfAborted(bounded.signal);
      yield* work(request, bounded);
    } catch (error) {
      throw toStatusError(error);
    }
  };
}

function withDeadline(options: CallOptions): CallOptions {
  const { signal, timeoutMs } = options;
  if (!timeoutMs) return options;
  const deadline = AbortSignal.timeout(timeoutMs);
  return { timeoutMs, signal: signal ? AbortSignal.any([signal, deadline]) : deadline };
}

function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError("Internal", "the embedded runtime failed", { cause: error });
}
