import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { StatusError } from "../../errors/status-error.ts";
import { identify, type ProcessIdentity, readBootId } from "../../host/process-identity.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import { leakedDescriptors } from "./leaked-descriptors.ts";
import type { ShimFiles } from "./shim-files.ts";

export interface ShimOptions {
  readonly conmon: string;
  readonly files: ShimFiles;
  readonly containerId: string;
  readonly name: string;
  readonly runtime: { readonly path: string; readonly args: readonly string[] };
  /** `k8s-file:PATH`, or `none`. */
  readonly log: string;
  readonly stdin: boolean;
  /** The container's stdin closes when the first client that attached leaves. */
  readonly stdinOnce: boolean;
  readonly terminal: boolean;
  /**
   * Moves the process, which waits, into a cgroup that is not the caller's. It may call `goOn` for
   * the shim to start the OCI runtime meanwhile, and moves the process whose number that resolves to
   * as well: the shim forks once more. The shim counts as started only when it has been placed.
   */
  place(pid: number, goOn: () => Promise<number>): Promise<void>;
  /** The bundle is ready: until then the shim waits. A rejection ends it. */
  readonly ready?: Promise<unknown>;
  /** For an exec: the process file, options of runc's exec, and what comes between the attach socket and the start. */
  readonly exec?: {
    readonly processFile: string;
    readonly runtimeOptions: readonly string[];
    readonly attach?: () => Promise<void>;
  };
  readonly signal?: AbortSignal;
}

export interface StartedShim {
  readonly shim: ProcessIdentity;
  readonly init: ProcessIdentity;
}

/** What the shim or the OCI runtime below it said when it could not start; the caller words it. */
export class ShimStartError extends StatusError {}

const FORK_DEADLINE_MS = 10_000;
const FORK_POLL_MS = 2;

/** In the shim: 3 its answer, 4 our word to go on, 5 the word that the attach socket is there. */
const DESCRIPTORS = { sync: 3, start: 4, attach: 5 } as const;

/**
 * Starts conmon outside the caller's cgroups, session and descriptors, and resolves when the OCI
 * runtime has created the container (or started the exec). Rejects with ShimStartError when either
 * fails, whose reason is in the runtime's log; what was made until then is the caller's to remove.
 */
export async function startShim(options: ShimOptions): Promise<StartedShim> {
  const child = spawnShim(options);
  const over = new AbortController();
  const onAbort = () => child.kill("SIGKILL");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const [sync, start, attach] = pipesOf(child);
    const answer = readAnswer(sync, options.files.shimLog);
    answer.catch(() => {});
    const placed = await waitUntilReady(options, child, over.signal);
    start.write("0");
    if (options.exec?.attach !== undefined) {
      await readAnswer(attach, options.files.shimLog);
      await options.exec.attach();
      start.write("0");
    }
    const initPid = await answer;
    await placed.done;
    const shimPid = Number(readFileSync(options.files.shimPid, "latin1"));
    return { shim: identityOf(shimPid), init: identityOf(initPid) };
  } finally {
    over.abort();
    options.signal?.removeEventListener("abort", onAbort);
    for (const pipe of child.stdio.slice(3)) pipe?.destroy();
    child.unref();
  }
}

/**
 * Beside each other: the placing waits for the kernel, the bundle for the disk. Resolves when the
 * shim may go on; its placing may still be under way then.
 */
async function waitUntilReady(
  options: ShimOptions,
  child: ChildProcess,
  over: AbortSignal,
): Promise<{ readonly done: Promise<void> }> {
  const mayGoOn = Promise.withResolvers<void>();
  const done = options.place(child.pid ?? 0, () => {
    mayGoOn.resolve();
    return waitForForkedShim(options.files.shimPid, over);
  });
  done.catch(() => {});
  const [ready, place] = await Promise.allSettled([
    options.ready,
    Promise.race([mayGoOn.promise, done]),
  ]);
  if (ready.status === "fulfilled" && place.status === "fulfilled") return { done };
  child.kill("SIGKILL");
  if (ready.status === "rejected") throw ready.reason;
  const words = lastLine(options.files.shimLog);
  throw words === "" && place.status === "rejected"
    ? place.reason
    : new ShimStartError("Internal", `the shim ended: ${words}`);
}

/** The process that stays writes its number down before it starts the OCI runtime. */
async function waitForForkedShim(pidFile: string, over: AbortSignal): Promise<number> {
  const deadline = performance.now() + FORK_DEADLINE_MS;
  while (!over.aborted && performance.now() < deadline) {
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "latin1")) : 0;
    if (pid > 0) return pid;
    await delay(FORK_POLL_MS);
  }
  throw new ShimStartError("Internal", "the shim did not fork");
}

/** conmon's own complaints, as `[conmon:e]: …`. */
function lastLine(file: string): string {
  const line = readFileSync(file, "utf8").trimEnd().split("\n").at(-1) ?? "";
  return line.replace(/^\[conmon:[a-z]+\]: /, "");
}

function spawnShim(options: ShimOptions): ChildProcess {
  const { files } = options;
  const log = openSync(files.shimLog, "a", 0o600);
  try {
    const child = spawnProcess(options.conmon, shimArguments(options), {
      cwd: "/",
      stdio: ["ignore", "ignore", log, "pipe", "pipe", "pipe", ...leakedDescriptors(6)],
      // Nothing else: NOTIFY_SOCKET or LISTEN_FDS of the caller would reach the container.
      env: {
        PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
        // In the locale C conmon refuses names and paths that are not ASCII.
        LC_ALL: "C.UTF-8",
        _OCI_SYNCPIPE: String(DESCRIPTORS.sync),
        _OCI_STARTPIPE: String(DESCRIPTORS.start),
        ...(options.exec?.attach ? { _OCI_ATTACHPIPE: String(DESCRIPTORS.attach) } : {}),
      },
    });
    child.on("error", () => {});
    return child;
  } finally {
    closeSync(log);
  }
}

function shimArguments(options: ShimOptions): string[] {
  const { files, containerId, runtime } = options;
  const flags = [
    ...(options.terminal ? ["--terminal"] : []),
    ...(options.stdin ? ["--stdin"] : []),
    ...(options.stdin && !options.stdinOnce ? ["--leave-stdin-open"] : []),
    ...(options.exec
      ? [
          "--exec",
          ...(options.exec.attach ? ["--exec-attach"] : []),
          ...["--exec-process-spec", options.exec.processFile],
          ...options.exec.runtimeOptions.flatMap((option) => ["--runtime-opt", option]),
        ]
      : []),
  ];
  return [
    ...["--full-attach", "--api-version", "1", "--no-sync-log", "--log-level", "error"],
    ...["--cid", containerId, "--cuuid", containerId, "--name", options.name],
    ...["--runtime", runtime.path, "--bundle", files.bundle],
    ...["--container-pidfile", files.initPid, "--conmon-pidfile", files.shimPid],
    ...["--exit-dir", files.exitDirectory],
    ...(files.persistDirectory === undefined ? [] : ["--persist-dir", files.persistDirectory]),
    ...["--log-path", options.log],
    ...runtime.args.flatMap((argument) => ["--runtime-arg", argument]),
    ...flags,
  ];
}

function pipesOf(child: ChildProcess): [Readable, Writable, Readable] {
  const [, , , sync, start, attach] = child.stdio as unknown as (Readable & Writable)[];
  if (sync === undefined || start === undefined || attach === undefined) {
    throw new StatusError("Internal", "the shim was started without its pipes");
  }
  // A shim that dies closes its ends: what counts then is the answer that does not come.
  for (const pipe of [sync, start, attach]) pipe.on("error", () => {});
  return [sync, start, attach];
}

/** The first line of JSON (that of an exec may be followed by its exit code): `{"data":PID}` or `{"data":-1,"message":…}`; an end without one is a failure too. */
async function readAnswer(pipe: Readable, shimLog: string): Promise<number> {
  let text = "";
  for await (const chunk of pipe.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (!text.includes("\n") && !text.trimEnd().endsWith("}")) continue;
    const { data, message } = JSON.parse(text.split("\n", 1)[0] ?? "") as {
      data?: number;
      message?: string;
    };
    if (typeof data === "number" && data >= 0) return data;
    throw new ShimStartError("Internal", message || "the shim could not start the container");
  }
  const words = lastLine(shimLog);
  throw new ShimStartError(
    "Internal",
    `the shim ended before it answered${words === "" ? "" : `: ${words}`}`,
  );
}

/** A short program may have ended already, and its shim too: such an identity matches no process. */
function identityOf(pid: number): ProcessIdentity {
  return identify(pid) ?? { pid, startTime: 0, bootId: readBootId() };
}
