import { spawnProcess } from "./spawn-process.ts";

/**
 * Remembers the modes of the terminal on that descriptor. The returned function sets them again,
 * for after a program that may have died in raw mode. Neither ever rejects.
 */
export async function saveTerminalModes(fd: number): Promise<() => Promise<void>> {
  const modes = (await runStty(["-g"], fd))?.trim();
  if (modes === undefined || !/^[0-9a-f:]+$/.test(modes)) return async () => {};
  return async () => void (await runStty([modes], fd));
}

/** What stty wrote; undefined where it failed. Its stdin is the terminal that it asks. */
function runStty(args: readonly string[], fd: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    try {
      const child = spawnProcess("stty", args, { stdio: [fd, "pipe", "ignore"] });
      let written = "";
      child.stdout?.on("data", (chunk: Buffer) => {
        written += chunk.toString();
      });
      child.once("error", () => resolve(undefined));
      child.once("close", (code) => resolve(code === 0 ? written : undefined));
    } catch {
      resolve(undefined);
    }
  });
}
