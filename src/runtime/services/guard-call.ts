import type { CallOptions } from "../../cri/services.ts";
import { StatusError } from "../../errors/status-error.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import { fullDiskHint } from "../host/errno-error.ts";

/** Timers hold 31 bits, 24 days; what is longer would be over at once, and is no limit. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * A method as the contract has it: a deadline becomes part of the signal, an aborted call does not
 * begin, and every failure is a StatusError.
 */
export function guardCall<Request, Response>(
  work: (request: Request, options: CallOptions) => Promise<Response>,
): (request: Request, options?: CallOptions) => Promise<Response> {
  return async (request, options = {}) => {
    const deadline = startDeadline(options);
    try {
      throwIfAborted(deadline.options.signal);
      return await work(request, deadline.options);
    } catch (error) {
      throw toStatusError(error);
    } finally {
      deadline.stop();
    }
  };
}

/** The same for a stream of responses. */
export function guardStream<Request, Response>(
  work: (request: Request, options: CallOptions) => AsyncIterable<Response>,
): (request: Request, options?: CallOptions) => AsyncIterable<Response> {
  return async function* (request, options = {}) {
    const deadline = startDeadline(options);
    try {
      throwIfAborted(deadline.options.signal);
      yield* work(request, deadline.options);
    } catch (error) {
      throw toStatusError(error);
    } finally {
      deadline.stop();
    }
  };
}

/** The options with the deadline in their signal, until stopped. */
function startDeadline(options: CallOptions): { options: CallOptions; stop(): void } {
  const { signal, timeoutMs } = options;
  if (!timeoutMs || timeoutMs > MAX_TIMER_MS) return { options, stop: () => {} };
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    const message = `the embedded runtime was not done within ${timeoutMs / 1000} s`;
    const hint = "raise the limit with --timeout";
    deadline.abort(new StatusError("DeadlineExceeded", message, { hint }));
  }, timeoutMs);
  const both = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
  return { options: { timeoutMs, signal: both }, stop: () => clearTimeout(timer) };
}

function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const hint = fullDiskHint(error);
  const code = hint === undefined ? "Internal" : "ResourceExhausted";
  return new StatusError(code, "the embedded runtime failed", { cause: error, hint });
}
