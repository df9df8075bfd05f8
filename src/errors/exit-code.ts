import { type StatusCode, StatusError } from "./status-error.ts";

/** Process statuses that scripts may rely on. */
export const EXIT = {
  success: 0,
  /** The runtime refused, or the fault is ours. */
  refused: 1,
  usage: 2,
  /** No answer from the endpoint. */
  noAnswer: 3,
  notFound: 4,
  interrupted: 130,
  /** exec and attached run: ours failed before the remote process started. */
  execFailed: 125,
  notExecutable: 126,
  noSuchProgram: 127,
} as const;

const EXIT_BY_CODE: Partial<Record<StatusCode, number>> = {
  InvalidArgument: EXIT.usage,
  NotFound: EXIT.notFound,
  Unavailable: EXIT.noAnswer,
  DeadlineExceeded: EXIT.noAnswer,
  Cancelled: EXIT.interrupted,
};

/** The process status for a failure: the code's own where it has one, 1 otherwise. */
export function toExitCode(error: unknown): number {
  if (error instanceof StatusError) return EXIT_BY_CODE[error.code] ?? EXIT.refused;
  return EXIT.refused;
}
