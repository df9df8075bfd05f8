import { createPlainDecoder } from "./kernel/plain-decoder.ts";
import type { LogStream } from "./log-entry.ts";
import type { LogTrail } from "./log-trail.ts";
import { type LogOutputs, orderOfOutputs } from "./output-buffers.ts";

/**
 * Prints a log as its container wrote it, as fast as memory allows. False, with nothing read, where
 * that is not possible here: the processor lacks the instructions, or stdout and stderr go to places
 * whose order may matter.
 */
export async function printPlain(
  { stdout, stderr }: LogOutputs,
  trail: LogTrail,
  stream: LogStream | undefined,
): Promise<boolean> {
  const order = orderOfOutputs({ stdout, stderr });
  if (order === "unknown") return false;
  const decoder = createPlainDecoder({ stream, isShared: order === "shared" });
  if (decoder === undefined) return false;
  do {
    for (;;) {
      const count = await trail.read(decoder.input);
      if (count === 0) break;
      const text = decoder.decode(count);
      await stdout.write(text.stdout);
      await stderr.write(text.stderr);
    }
  } while (await trail.waitForMore());
  return true;
}
