import { mountsBelow } from "./mounts.ts";
import { run } from "./run.ts";

/** Unmounts everything at or below the directory, innermost first, lazily where it is busy. */
export async function unmountBelow(directory: string): Promise<void> {
  for (const point of (await mountsBelow(directory)).reverse()) {
    const { status } = await run("umount", [point]);
    if (status !== 0) await run("umount", ["-l", point]);
  }
}
