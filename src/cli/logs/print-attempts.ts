import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { escapeControl } from "../../output/escape-control.ts";
import type { Context } from "../context.ts";
import { findAttempts } from "./find-log.ts";
import { type PrintLogOptions, printLog } from "./print-log.ts";

/**
 * Prints the logs of a container's attempts, the oldest first, each below a line on stderr. `report`
 * is told what cannot be read; the others are printed all the same.
 */
export async function printAttempts(
  context: Context,
  container: Container,
  options: PrintLogOptions & { report(error: unknown): void },
): Promise<void> {
  const { stderr } = context;
  const name = escapeControl(container.metadata?.name ?? container.id);
  for (const { attempt, path } of await findAttempts(context, container)) {
    if (context.signal.aborted) return;
    const line = `--- ${name}, attempt ${attempt} ---`;
    await stderr.write(stderr.color ? `\x1b[2m${line}\x1b[22m\n` : `${line}\n`);
    await printLog(context, path, options).catch(options.report);
  }
}
