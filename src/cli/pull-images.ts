import { describe } from "../errors/describe.ts";
import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { createSlots } from "../host/create-slots.ts";
import type { Context } from "./context.ts";
import { printError } from "./print-error.ts";
import { openProgressLines } from "./progress-lines.ts";
import { type PullOptions, pullImage, pullTimeoutMs } from "./pull-image.ts";
import { readGivenAuth } from "./registry-auth.ts";

/** Each fetches and unpacks several layers at once already. */
const PARALLEL = 4;

/**
 * Pulls a few images at a time and reports each when it is there, or why it could not be had. Resolves
 * to the first failure's status, in the order of the references.
 */
export async function pullImages(
  context: Context,
  references: readonly string[],
  options: Omit<PullOptions, "reference">,
): Promise<number> {
  const { signal } = context;
  // What is wrong with the command line is told once, and the password asked for once.
  pullTimeoutMs(context, options.flags);
  const givenAuth = await readGivenAuth(context, options.flags);
  const progress = openProgressLines(context.stderr);
  const stdout = progress.above(context.stdout);
  const stderr = progress.above(context.stderr);
  const inSlot = createSlots(PARALLEL);
  const pullOne = async (reference: string): Promise<number> => {
    if (signal.aborted) return EXIT.interrupted;
    const { start: startProgress } = progress;
    try {
      const imageRef = await pullImage(context, {
        ...options,
        reference,
        givenAuth,
        startProgress,
      });
      await stdout.write(`Image is up to date for ${imageRef} (${reference})\n`);
      return EXIT.success;
    } catch (error) {
      if (!signal.aborted) await printError(stderr, naming(reference, error));
      return toExitCode(error);
    }
  };
  const statuses = await Promise.all(
    references.map((reference) => inSlot(() => pullOne(reference))),
  );
  if (statuses.includes(EXIT.interrupted)) return EXIT.interrupted;
  return statuses.find((status) => status !== EXIT.success) ?? EXIT.success;
}

/** Not every runtime says which image it failed for. */
function naming(reference: string, error: unknown): unknown {
  if (describe(error).message.includes(reference)) return error;
  const code = error instanceof StatusError ? error.code : "Unknown";
  return new StatusError(code, `could not pull "${reference}"`, { cause: error });
}
