import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import type { Cleanup } from "./cleanup.ts";
import { crishCommand, crishEnvironment } from "./crish.ts";
import { removeCgroups } from "./remove-cgroups.ts";
import { uniqueSuffix } from "./unique.ts";

/** Ways in which a command and all that came with it may be ended from outside. */
export const KILL_METHODS = ["process", "group", "session", "cgroup", "hangup"] as const;
type KillMethod = (typeof KILL_METHODS)[number];

export interface IsolatedProcess {
  readonly child: ChildProcess;
  /** Ends it and resolves when it has ended. */
  kill(method: KillMethod): Promise<void>;
}

/**
 * Runs crish as the leader of a session and group of its own, in a cgroup of its own in every
 * hierarchy, as a login shell or a service would.
 */
export function startIsolatedCrish(
  cleanup: Cleanup,
  args: string[],
  env: NodeJS.ProcessEnv,
): IsolatedProcess {
  const cgroup = `/caller-${uniqueSuffix()}`;
  const { command, args: before } = crishCommand();
  const child = spawn("sh", ["-c", ENTER_CGROUP, "sh", cgroup, command, ...before, ...args], {
    env: crishEnvironment(env),
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const pid = child.pid ?? -1;
  cleanup.add(`end caller ${pid}`, () => removeCgroups(cgroup));
  return {
    child,
    async kill(method) {
      const ended = child.exitCode !== null || child.signalCode !== null || once(child, "exit");
      if (method === "process") kill(pid, "SIGKILL");
      if (method === "group") kill(-pid, "SIGKILL");
      if (method === "hangup") kill(-pid, "SIGHUP");
      if (method === "session") for (const member of await sessionOf(pid)) kill(member, "SIGKILL");
      if (method === "cgroup") await removeCgroups(cgroup);
      await ended;
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  };
}

const ENTER_CGROUP = `
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ -e "$hierarchy/cgroup.procs" ] || continue
  mkdir -p "$hierarchy$1"
  for file in cpuset.cpus cpuset.mems; do
    [ ! -e "$hierarchy$1/$file" ] || cat "$hierarchy/$file" > "$hierarchy$1/$file" 2>/dev/null || true
  done
  echo $$ > "$hierarchy$1/cgroup.procs"
done
shift
exec "$@"`;

/** Members of the session that the process leads. */
async function sessionOf(leader: number): Promise<number[]> {
  const members: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const session = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3];
    if (Number(session) === leader) members.push(Number(name));
  }
  return members;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended by itself
  }
}
