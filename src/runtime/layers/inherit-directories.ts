import { lstat } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import { runProcess } from "../../host/run-process.ts";

/**
 * Gives directories that a layer implies but does not name the mode, owner, times and attributes that
 * they have in the layers below, nearest first (what overlay would show without this layer). One that
 * no layer has keeps what it got. Call in layer order, before the layer is committed.
 */
export async function inheritDirectories(options: {
  /** Paths below the root as latin1, parents first. */
  directories: readonly string[];
  into: string;
  /** Directories of the layers below, topmost first. */
  lowerDirs: readonly string[];
}): Promise<void> {
  const byLower = new Map<string, string[]>();
  for (const path of options.directories) {
    const lower = await findLower(path, options.lowerDirs);
    if (lower !== undefined) byLower.set(lower, [...(byLower.get(lower) ?? []), path]);
  }
  for (const [lower, paths] of byLower) await copyAttributes(lower, options.into, paths);
}

/** The topmost layer that has the directory; undefined when one above it hides or replaces it. */
async function findLower(path: string, lowerDirs: readonly string[]): Promise<string | undefined> {
  const parts = path === "." ? [] : path.split("/");
  for (const lower of lowerDirs) {
    let isWhole = true;
    for (let depth = 0; depth <= parts.length && isWhole; depth++) {
      const below = Buffer.from(`/${parts.slice(0, depth).join("/")}`, "latin1");
      const name = Buffer.concat([Buffer.from(lower), below]);
      const stats = await lstat(name).catch(() => undefined);
      if (stats === undefined) isWhole = false;
      else if (!stats.isDirectory()) return undefined;
    }
    if (isWhole) return lower;
  }
  return undefined;
}

/** tar copies what Node has no call for: extended attributes. Overlay's own stay where they are. */
async function copyAttributes(from: string, to: string, paths: readonly string[]): Promise<void> {
  const env = { LC_ALL: "C", PATH: process.env.PATH ?? "" };
  const list = Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");
  const overlay = ["--xattrs-exclude=trusted.overlay.*", "--xattrs-exclude=user.overlay.*"];
  const packed = await runTar(
    ["-c", "-f", "-", "-C", from, "--null", "--no-recursion", "--xattrs", ...overlay, "-T", "-"],
    { env, input: list },
  );
  await runTar(
    ["-x", "-p", "-P", "-f", "-", "-C", to, "--numeric-owner", "--xattrs", "--xattrs-include=*"],
    { env, input: packed },
  );
}

async function runTar(
  args: readonly string[],
  options: { env: Record<string, string>; input: Buffer },
): Promise<Buffer> {
  const result = await runProcess("tar", args, options);
  if (result.exitCode === 0) return result.stdout;
  const reason = result.stderr.toString("utf8").split("\n")[0] ?? "";
  throw new StatusError("Internal", `could not copy the attributes of directories: ${reason}`);
}
