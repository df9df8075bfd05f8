/**
 * Namespaces that live on files. A holder process makes them, is told their settings, has them bound
 * to files below the pod's directory and ends: no process is left. It also ends when this process
 * dies, because it reads a pipe of ours.
 */
import type { ChildProcess } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { getExecutable } from "../../host/find-executable.ts";
import { toCancelled } from "../../host/sleep.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import { mount } from "./mount.ts";

/** The namespaces a pod can have on files, by the names of /proc/PID/ns. */
export type PinnedNamespace = "net" | "ipc" | "uts";

export interface PinOptions {
  /** Gets one file per namespace, named as in /proc/PID/ns. Must be in a directory of the pod's own. */
  readonly directory: string;
  readonly namespaces: readonly PinnedNamespace[];
  /** Set in the new UTS namespace; only with `uts`. */
  readonly hostname?: string | undefined;
  /** Written below /proc/sys inside the new namespaces, in either spelling (`net.ipv4.x`, `net/ipv4/x`). */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Pairs of file and value, then the loopback device; what fails is said on stderr by the shell. */
const HOLDER = `
while [ $# -gt 1 ]; do printf %s "$2" > "$1" || { echo "refused $1" >&2; exit 1; }; shift 2; done
if [ -n "$CRISH_IP" ]; then "$CRISH_IP" link set lo up || exit 1; fi
echo ready
read -r _
`;

/**
 * Makes the namespaces and binds each to its file; resolves to the files by name. InvalidArgument
 * where the kernel refuses a sysctl or hostname. After a failure `unpinNamespaces` takes away what
 * was bound.
 */
export async function pinNamespaces(
  options: PinOptions,
): Promise<Readonly<Partial<Record<PinnedNamespace, string>>>> {
  const { directory, namespaces, signal } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const holder = startHolder(options);
  const ended = waitForEnd(holder);
  try {
    await waitForReady(holder, ended, signal);
    const files: Partial<Record<PinnedNamespace, string>> = {};
    for (const name of namespaces) {
      const target = join(directory, name);
      await writeFile(target, "", { mode: 0o600 });
      await mount({ source: `/proc/${holder.pid}/ns/${name}`, target, flags: ["bind"] });
      files[name] = target;
    }
    // It ends by itself now; the pod need not wait for it.
    holder.stdin?.end();
    return files;
  } catch (error) {
    holder.kill("SIGKILL");
    await ended;
    throw error;
  }
}

function startHolder({ namespaces, hostname, sysctls }: PinOptions): ChildProcess {
  const flags = namespaces.map((name) => `--${name}`);
  const settings = Object.entries(sysctls ?? {}).flatMap(([name, value]) => [
    sysctlFile(name),
    value,
  ]);
  if (hostname !== undefined) settings.push("/proc/sys/kernel/hostname", hostname);
  const ip = namespaces.includes("net") ? getExecutable("ip") : "";
  return spawnProcess("unshare", [...flags, "sh", "-c", HOLDER, "sh", ...settings], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env.PATH, CRISH_IP: ip, LC_ALL: "C" },
  });
}

/** The file of a sysctl. Where the name has a slash, its dots belong to names (`net/ipv4/conf/eth0.1`). */
function sysctlFile(name: string): string {
  return `/proc/sys/${name.includes("/") ? name : name.replaceAll(".", "/")}`;
}

/** Resolves to what the holder said on stderr, once it has ended. */
function waitForEnd(holder: ChildProcess): Promise<string> {
  let stderr = "";
  holder.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  holder.stdin?.on("error", () => {});
  return new Promise((resolve) => {
    holder.once("error", (error) => resolve(error.message));
    holder.once("close", () => resolve(stderr.trim()));
  });
}

async function waitForReady(
  holder: ChildProcess,
  ended: Promise<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ready = new Promise<void>((resolve) => holder.stdout?.once("data", () => resolve()));
  const failed = ended.then((stderr) => {
    throw holderError(stderr);
  });
  failed.catch(() => {});
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(toCancelled(signal, signal?.reason));
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  aborted.promise.catch(() => {});
  try {
    await Promise.race([ready, failed, aborted.promise]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function holderError(stderr: string): StatusError {
  const file = /^refused \/proc\/sys\/(.*)$/m.exec(stderr)?.[1];
  const said = stderr.replace(/^refused .*$/m, "").trim();
  const cause = new Error(said === "" ? "the holder process ended early" : said);
  if (file === "kernel/hostname") {
    return new StatusError("InvalidArgument", "could not set the pod's hostname", { cause });
  }
  if (file !== undefined) {
    return new StatusError("InvalidArgument", `could not set the sysctl "${file}"`, { cause });
  }
  return new StatusError("Internal", "could not create the pod's namespaces", { cause });
}

/** The namespace a file pins, as the kernel names it (`net:[4026532281]`); undefined for a plain file. */
export async function readPinnedNamespace(file: string): Promise<string | undefined> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const line = table.split("\n").find((entry) => entry.split(" ")[4] === file);
  return line?.split(" ")[3];
}
