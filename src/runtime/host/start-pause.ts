import type { ChildProcess } from "node:child_process";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { getExecutable } from "../../host/find-executable.ts";
import { identify, type ProcessIdentity } from "../../host/process-identity.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import { mount } from "./mount.ts";

export interface PauseOptions {
  /** File that the PID namespace is bound to. */
  readonly file: string;
  /** An existing directory of the pod's own, for the process's root while it is being made. */
  readonly directory: string;
  /** Puts the process into its cgroup, before it does anything: there it is found whatever happens. */
  place(pid: number): Promise<void> | void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * In a mount namespace of its own: a root that holds the static catatonit and /dev/null. Containers of
 * the pod that may trace processes see /proc/1/root, and must not find the host there. The host's
 * programs are lent until the old root is gone. `unshare --pid` changes the namespace of children
 * only, so catatonit, the first child, becomes process 1, and `$!` is its number outside.
 */
const MAKE_ROOT = `
set -e
read -r _
mount -t tmpfs -o size=4m,mode=755,nosuid,nodev tmpfs "$1"
cp "$2" "$1/catatonit"
cd "$1"
mkdir old dev
: > dev/null
mount --bind /dev/null dev/null
lent=
for name in proc usr bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then cp -P "/$name" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"; lent="/$name $lent"
  fi
done
"$3" . old
cd /
umount -l /old
mount -o remount,ro /
exec unshare --pid sh -c '
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  /catatonit -P </dev/null >/dev/null 2>&1 &
  echo $!
  exec umount -l "$@"' sh $lent
`;

/**
 * Starts the pod's first process, which reaps what it inherits, in a new PID namespace bound to the
 * file. It outlives this process. Whoever calls empties its cgroup and unmounts the file, also after a
 * failure.
 */
export async function startPause(options: PauseOptions): Promise<ProcessIdentity> {
  const { directory, file, signal } = options;
  const root = join(directory, "pause");
  await mkdir(root);
  const maker = spawnProcess(
    "unshare",
    [
      ...["--mount", "--propagation", "private", "sh", "-c", MAKE_ROOT, "sh", root],
      getExecutable("catatonit"),
      getExecutable("pivot_root"),
    ],
    { detached: true, env: { PATH: process.env.PATH, LC_ALL: "C" } },
  );
  const ended = waitForOutput(maker);
  try {
    throwIfAborted(signal);
    if (maker.pid !== undefined) await options.place(maker.pid);
    maker.stdin?.write("\n");
    const { stdout, stderr } = await ended;
    const pause = identify(Number.parseInt(stdout, 10));
    if (pause === undefined) {
      throw new StatusError("Internal", "could not start the pod's first process", {
        cause: new Error(stderr.trim() || "catatonit ended at once"),
      });
    }
    await writeFile(file, "", { mode: 0o600 });
    await mount({ source: `/proc/${pause.pid}/ns/pid`, target: file, flags: ["bind"] });
    await rmdir(root);
    return pause;
  } finally {
    maker.stdin?.end();
    await ended;
  }
}

function waitForOutput(maker: ChildProcess): Promise<{ stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  maker.stdout?.on("data", (chunk) => {
    output.stdout += String(chunk);
  });
  maker.stderr?.on("data", (chunk) => {
    output.stderr += String(chunk);
  });
  maker.stdin?.on("error", () => {});
  return new Promise((resolve) => {
    maker.once("error", (error) => resolve({ stdout: "", stderr: error.message }));
    maker.once("close", () => resolve(output));
  });
}
