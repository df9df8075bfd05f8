import type { Context } from "./context.ts";
import { type PullOptions, pullImage, pullTimeoutMs } from "./pull-image.ts";
import { readGivenAuth } from "./registry-auth.ts";
import { withProgressEach } from "./with-progress-each.ts";

/** Pulls a few images at a time and reports each when it is there, or why it could not be had. */
export async function pullImages(
  context: Context,
  references: readonly string[],
  options: Omit<PullOptions, "reference">,
): Promise<number> {
  // What is wrong with the command line is told once, and the password asked for once.
  pullTimeoutMs(context, options.flags);
  const givenAuth = await readGivenAuth(context, options.flags);
  return await withProgressEach(context, references, {
    verb: "pull",
    async work(reference, startProgress) {
      const one = { ...options, reference, givenAuth, startProgress };
      return `Image is up to date for ${await pullImage(context, one)} (${reference})\n`;
    },
  });
}
