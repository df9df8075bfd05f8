import { readFileSync } from "node:fs";
import { type Check, type Finding, fail, ok, warn } from "../finding.ts";

interface Limit {
  readonly sysctl: string;
  /** Below this nothing works. */
  readonly least: number;
  /** Below this a node with some dozens of pods gets into trouble. */
  readonly enough: number;
  readonly why: string;
}

const LIMITS: readonly Limit[] = [
  {
    sysctl: "user.max_net_namespaces",
    least: 1,
    enough: 256,
    why: "each pod has a network namespace",
  },
  {
    sysctl: "user.max_mnt_namespaces",
    least: 1,
    enough: 256,
    why: "each container has a mount namespace",
  },
  {
    sysctl: "user.max_pid_namespaces",
    least: 1,
    enough: 256,
    why: "each container has a PID namespace",
  },
  {
    sysctl: "user.max_user_namespaces",
    least: 0,
    enough: 1,
    why: "pods with user namespaces need them",
  },
  {
    sysctl: "fs.inotify.max_user_instances",
    least: 1,
    enough: 128,
    why: "programs that watch files each need one",
  },
  {
    sysctl: "kernel.pid_max",
    least: 1,
    enough: 32_768,
    why: "containers share the node's process numbers",
  },
  {
    sysctl: "kernel.keys.root_maxkeys",
    least: 1,
    enough: 200,
    why: "each container has a session keyring",
  },
];
const ENOUGH_FILES = 1024;

/** What the node allows at most. */
export const limits: Check = {
  id: "limits",
  title: "limits of the node",
  embedded: true,
  async run() {
    const found = [...LIMITS.map((limit) => judge(limit, readSysctl(limit.sysctl))), checkFiles()];
    const wrong = found.filter((finding) => finding !== undefined);
    if (wrong.length > 0) return wrong;
    return [ok("limits", "namespaces, processes, open files, inotify and keys suffice")];
  },
};

export function judge({ sysctl, least, enough, why }: Limit, value: number | undefined) {
  if (value === undefined || value >= enough) return undefined;
  const fault = value < least ? fail : warn;
  const fix = `sysctl -w ${sysctl}=${Math.max(enough, 1024)} (and put it into /etc/sysctl.d)`;
  return fault(`limits.${sysctl}`, `${sysctl} is ${value}: ${why}`, fix);
}

function checkFiles(): Finding | undefined {
  const line = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
  const files = Number(line?.[1]);
  if (!(files < ENOUGH_FILES)) return undefined;
  return warn(
    "limits.files",
    `this shell may open ${files} files only`,
    `ulimit -n ${ENOUGH_FILES}`,
  );
}

function readSysctl(name: string): number | undefined {
  try {
    const value = Number(readFileSync(`/proc/sys/${name.replaceAll(".", "/")}`, "latin1"));
    return Number.isNaN(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
