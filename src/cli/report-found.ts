import { EXIT, toExitCode } from "../errors/exit-code.ts";
import type { Context } from "./context.ts";
import { printError } from "./print-error.ts";

/**
 * Prints together what was found, and reports what could not be had. Resolves to the first
 * failure's status.
 */
export async function reportFound<T>(
  context: Context,
  pending: readonly Promise<T>[],
  print: (found: readonly T[]) => Promise<void>,
): Promise<number> {
  const outcomes = await Promise.allSettled(pending);
  const found = outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : [],
  );
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason] : [],
  );
  if (found.length > 0) await print(found);
  if (!context.signal.aborted) {
    for (const failure of failures) await printError(context.stderr, failure);
  }
  return failures.length === 0 ? EXIT.success : toExitCode(failures[0]);
}
