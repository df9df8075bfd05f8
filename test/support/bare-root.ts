import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CACHE } from "./checkout.ts";
import type { Cleanup } from "./cleanup.ts";
import { type RunResult, run, runOk } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const SUITE = "bookworm";
const TOOLS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(":");

export interface BareRoot {
  readonly directory: string;
  /** Runs a shell script as the first process of a machine of its own made of the root. */
  run(script: string, options?: { timeoutMs?: number }): Promise<RunResult>;
}

/**
 * A minimal Debian with those packages beside, and nothing else: no Node, no certificates. Made with
 * debootstrap once, and kept in the cache.
 */
export async function createBareRoot(
  cleanup: Cleanup,
  packages: readonly string[],
): Promise<BareRoot> {
  const archive = await bareRootArchive(packages);
  const directory = await temporaryDirectory(cleanup, "bare");
  await runOk("tar", ["-xpf", archive, "--numeric-owner", "-C", directory]);
  return {
    directory,
    run: (script, { timeoutMs = 300_000 } = {}) =>
      run("unshare", [...NAMESPACES, "sh", "-c", ENTER, "sh", directory, script], {
        env: { PATH: TOOLS, HOME: "/root", LANG: "C.UTF-8" },
        timeoutMs,
      }),
  };
}

/** Processes end with the script, networks and mounts with the processes. */
const NAMESPACES = [
  ...["--mount", "--propagation", "private", "--net", "--uts", "--ipc"],
  ...["--pid", "--fork", "--kill-child"],
];

/** runc refuses a plain chroot: the root has to become the root of the mount namespace. */
const ENTER = `
set -eu
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mkdir -p old
pivot_root . old
umount -l /old
ip link set lo up
exec sh -c "$2"
`;

async function bareRootArchive(packages: readonly string[]): Promise<string> {
  const archive = join(CACHE, `debian-${SUITE}-${packages.join("-")}.tar`);
  if (existsSync(archive)) return archive;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, ".debian-"));
  try {
    const root = join(work, "root");
    const include = `--include=${packages.join(",")}`;
    const args = ["--variant=minbase", include, SUITE, root, ...(await mirror())];
    await runOk("debootstrap", args, { timeoutMs: 600_000 });
    await rm(join(root, "var/cache/apt"), { recursive: true, force: true });
    await runOk("tar", ["-cf", join(work, "root.tar"), "--numeric-owner", "-C", root, "."]);
    await rename(join(work, "root.tar"), archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

/** Where this machine gets its packages from; debootstrap's own choice where apt names nothing. */
async function mirror(): Promise<string[]> {
  const { stdout } = await run("apt-get", ["indextargets", "--format", "$(REPO_URI)"]);
  const first = stdout.split("\n").find((line) => /\/debian\/?$/.test(line));
  return first === undefined ? [] : [first];
}
