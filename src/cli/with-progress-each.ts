import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { createSlots } from "../host/create-slots.ts";
import type { Context } from "./context.ts";
import { nameInError } from "./name-in-error.ts";
import { printError } from "./print-error.ts";
import type { Progress } from "./progress.ts";
import { openProgressLines } from "./progress-lines.ts";

export interface LongWork {
  /** `pull`: for the message of a failure that does not say what it is of. */
  readonly verb: string;
  /** Resolves to what is told of it when it is done. */
  work(name: string, startProgress: (label: string) => Progress): Promise<string>;
}

/** Each works on several layers at once already. */
const PARALLEL = 4;

/**
 * Does work that takes its time for a few names at once, and reports each when it is done. Resolves to
 * the first failure's status, in the order of the names. What could not be told is thrown at the end.
 */
export async function withProgressEach(
  context: Context,
  names: readonly string[],
  { verb, work }: LongWork,
): Promise<number> {
  const { signal } = context;
  const progress = openProgressLines(context.stderr);
  const stdout = progress.above(context.stdout);
  const stderr = progress.above(context.stderr);
  const inSlot = createSlots(PARALLEL);
  const unwritten: unknown[] = [];
  const settle = async (name: string): Promise<number> => {
    if (signal.aborted) return EXIT.interrupted;
    try {
      const done = await work(name, progress.start);
      await stdout.write(done).catch((error: unknown) => unwritten.push(error));
      return EXIT.success;
    } catch (error) {
      if (!signal.aborted) await printError(stderr, nameInError(error, verb, name));
      return toExitCode(error);
    }
  };
  const statuses = await Promise.all(names.map((name) => inSlot(() => settle(name))));
  if (unwritten.length > 0) throw unwritten[0];
  if (statuses.includes(EXIT.interrupted)) return EXIT.interrupted;
  return statuses.find((status) => status !== EXIT.success) ?? EXIT.success;
}
