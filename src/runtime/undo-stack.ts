import { StatusError } from "../errors/status-error.ts";

/** Steps that take back what has been done so far, by name. */
export interface UndoStack {
  /** Pushed before the effect it takes back: a step must bear that its effect never happened. */
  push(name: string, undo: () => Promise<unknown>): void;
  /**
   * Runs every step, the last first, whatever fails; empties the stack. Rejects with the failures.
   * The steps get no signal of the failed operation: taking back is not cancelled.
   */
  run(): Promise<void>;
}

export function createUndoStack(): UndoStack {
  const steps: { name: string; undo: () => Promise<unknown> }[] = [];
  return {
    push: (name, undo) => steps.push({ name, undo }),
    run: () => runAll(steps.splice(0).toReversed()),
  };
}

/** Runs the steps in order, all of them; rejects afterwards with the first failure, naming its step. */
export async function runAll(
  steps: readonly { name: string; undo: () => Promise<unknown> }[],
): Promise<void> {
  const failures: { name: string; error: unknown }[] = [];
  for (const { name, undo } of steps) {
    await undo().catch((error: unknown) => failures.push({ name, error }));
  }
  const [first] = failures;
  if (first === undefined) return;
  const others = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
  throw new StatusError(
    first.error instanceof StatusError ? first.error.code : "Internal",
    `could not ${first.name}${others}`,
    {
      cause:
        failures.length === 1
          ? first.error
          : new AggregateError(
              failures.map((f) => f.error),
              errorText(first.error),
            ),
      ...(first.error instanceof StatusError && first.error.hint !== undefined
        ? { hint: first.error.hint }
        : {}),
    },
  );
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
