import type { ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxImage } from "./busybox-image.ts";
import type { Cleanup } from "./cleanup.ts";
import { startContainerd, type TestContainerd } from "./containerd.ts";
import { crish, crishOk, spawnCrish } from "./crish.ts";
import { createEmbeddedRoot, type EmbeddedRoot } from "./embedded-root.ts";
import { dockerArchive } from "./image-archive.ts";
import type { RunOptions, RunResult } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

type CliOptions = Omit<RunOptions, "env"> & { env?: NodeJS.ProcessEnv };

/** The command line with an endpoint behind it that has one image. */
export interface CliTarget {
  readonly name: "embedded" | "containerd";
  readonly env: Readonly<Record<string, string>>;
  /** A busybox system; there already. */
  readonly image: string;
  /** For files of the test. */
  readonly directory: string;
  crish(args: string[], options?: CliOptions): Promise<RunResult>;
  /** Rejects unless the status is 0; returns standard output without its last newline. */
  out(args: string[], options?: CliOptions): Promise<string>;
  /** Ended at the cleanup at the latest. */
  spawn(args: string[], options?: { detached?: boolean; env?: NodeJS.ProcessEnv }): ChildProcess;
  /** Runs a container in a pod of its own, detached, and returns its ID. */
  runDetached(name: string, command: string[], flags?: string[]): Promise<string>;
}

export interface EmbeddedCliTarget extends CliTarget {
  readonly root: EmbeddedRoot;
}

export const CLI_IMAGE = "localhost/busybox:test";

/** crish on a root of its own. */
export async function embeddedCli(
  cleanup: Cleanup,
  options: Parameters<typeof createEmbeddedRoot>[1] = {},
): Promise<EmbeddedCliTarget> {
  const root = await createEmbeddedRoot(cleanup, options);
  const target = cliTarget(cleanup, "embedded", root.env, join(root.directory, "files"));
  await mkdir(target.directory, { recursive: true });
  const archive = await writeArchive(target.directory);
  await target.out(["load", archive]);
  return { ...target, root };
}

export interface ContainerdCliTarget extends CliTarget {
  readonly containerd: TestContainerd;
}

/** crish in front of a containerd of its own. */
export async function containerdCli(cleanup: Cleanup): Promise<ContainerdCliTarget> {
  const containerd = await startContainerd(cleanup);
  const directory = await temporaryDirectory(cleanup, "cli");
  await containerd.importImage(await writeArchive(directory));
  const env = { CONTAINER_RUNTIME_ENDPOINT: containerd.endpoint };
  const target = cliTarget(cleanup, "containerd", env, directory);
  cleanup.add("remove pods", async () => {
    await target.crish(["rmp", "-f", "-a"]);
  });
  return { ...target, containerd };
}

function cliTarget(
  cleanup: Cleanup,
  name: CliTarget["name"],
  env: Readonly<Record<string, string>>,
  directory: string,
): CliTarget {
  const merged = (options: CliOptions = {}): CliOptions => ({
    ...options,
    env: { ...env, ...options.env },
  });
  const target: CliTarget = {
    name,
    env,
    directory,
    image: CLI_IMAGE,
    crish: (args, options) => crish(args, merged(options)),
    out: async (args, options) => (await crishOk(args, merged(options))).stdout.trimEnd(),
    spawn(args, options = {}) {
      const child = spawnCrish(args, { ...options, env: { ...env, ...options.env } });
      // A test that fails leaves it running, and nothing of it ends by itself.
      cleanup.add(`end crish ${args.join(" ")}`, () => void child.kill("SIGKILL"));
      return child;
    },
    runDetached: (container, command, flags = []) =>
      target.out(["run", "-d", "--name", container, ...flags, CLI_IMAGE, ...command]),
  };
  return target;
}

async function writeArchive(directory: string): Promise<string> {
  const archive = join(directory, "busybox.tar");
  await writeFile(archive, dockerArchive(busyboxImage(), [CLI_IMAGE]));
  return archive;
}
