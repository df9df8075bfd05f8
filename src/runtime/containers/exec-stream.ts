import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { ExecStreamRequest, StreamIo, TerminalSize } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { guardStop } from "../../host/guard-stop.ts";
import { toCancelled } from "../../host/sleep.ts";
import { spawnProcess } from "../../host/spawn-process.ts";
import type { Engine } from "../engine.ts";
import { parseRuntimeError } from "../oci/oci-runtime-error.ts";
import { readRuncLog, runcLogFile, runcOptions } from "../oci/runc.ts";
import { pipeInput, pipeOutput } from "../shim/pipe-streams.ts";
import { shimFiles } from "../shim/shim-files.ts";
import type { ContainerRecord } from "./container-record.ts";
import { assertIsRunning } from "./container-state.ts";
import { createExecCgroup, type ExecCgroup } from "./exec-cgroup.ts";
import { writeProcessFile } from "./exec-command.ts";
import { beginExec, execIntent } from "./exec-intent.ts";
import { getContainer } from "./find-container.ts";
import { getRuntime } from "./runtime-handler.ts";

/** After an interrupt the command may end by itself for so long. */
const INTERRUPT_GRACE_MS = 2_000;
/** The status of a command that was never started, for a reason that is not the program's. */
const NOT_RUN = 125;

/**
 * Runs a command with the caller's streams and resolves to its status: 126 and 127 for a program that
 * cannot be run, 125 where the OCI runtime failed, 128+n for one that signal n killed. With `io.inherit` the caller's own descriptors
 * are the command's. FailedPrecondition unless the container runs; Cancelled on abort, with all that
 * the command started killed.
 */
export async function execStream(
  engine: Engine,
  request: ExecStreamRequest,
  io: StreamIo,
): Promise<{ exitCode: number }> {
  const record = await getContainer(engine, request.containerId);
  assertIsRunning(record);
  const inherits = io.inherit === true && (!request.tty || isAtTerminal());
  if (request.tty && !inherits) {
    const { execTerminal } = await import("./exec-terminal.ts");
    return await execTerminal(engine, record, request, io);
  }
  const size = request.tty ? await presentSize(io) : undefined;
  const processFile = await writeProcessFile(engine, record, { ...request, size });
  const logFile = runcLogFile(shimFiles(engine.paths, record.id).bundle);
  const cgroup = createExecCgroup(record);
  const runtime = getRuntime(engine, record.runtimeHandler);
  const args = [
    ...runcOptions(runtime, logFile),
    ...["exec", ...cgroup.args, "--process", processFile, record.id],
  ];
  // On the caller's own descriptors the command goes on with them, whatever becomes of this process.
  const intent = inherits ? undefined : execIntent({ processFile, files: [logFile] }, cgroup);
  let endIntent = async () => {};
  try {
    if (intent !== undefined) endIntent = await beginExec(engine, intent);
    const child = spawnProcess(runtime.path, args, { stdio: stdioOf(request, inherits) });
    const exitCode = await followCommand(child, { request, io, inherits, cgroup, record });
    if (exitCode !== 255 && exitCode !== 1) return { exitCode };
    const isTold = request.stderr || request.tty;
    return { exitCode: await tellApart(exitCode, logFile, isTold) };
  } finally {
    cgroup.release();
    await Promise.all([processFile, logFile].map((file) => rm(file, { force: true })));
    await endIntent();
  }
}

function isAtTerminal(): boolean {
  const { isatty } = process.getBuiltinModule("node:tty");
  return isatty(0) && isatty(1);
}

/** runc gives its new terminal the size of ours only when the command runs, which may have looked by then. */
async function presentSize({ resize }: StreamIo): Promise<TerminalSize | undefined> {
  const iterator = resize?.[Symbol.asyncIterator]();
  const first = await iterator?.next();
  await iterator?.return?.();
  return first?.value;
}

type Stdio = ("inherit" | "pipe" | "ignore")[];

function stdioOf(request: ExecStreamRequest, inherits: boolean): Stdio {
  const kind = inherits ? "inherit" : "pipe";
  return [request.stdin, request.stdout, request.stderr || request.tty].map((wanted) =>
    wanted ? kind : "ignore",
  );
}

interface Following {
  readonly request: ExecStreamRequest;
  readonly io: StreamIo;
  readonly inherits: boolean;
  readonly cgroup: ExecCgroup;
  readonly record: ContainerRecord;
}

async function followCommand(child: ChildProcess, following: Following): Promise<number> {
  const { io, request, cgroup } = following;
  const exited = exitOf(child);
  const aborted = abortOf(io.signal);
  const liftStop = following.inherits ? stopAlong(child) : () => {};
  const stopInput = request.stdin ? pipeInput(io.stdin, child.stdin) : () => {};
  // io's streams are made when they are read: not where the child has the caller's own descriptors.
  const outputs = Promise.all([
    child.stdout && pipeOutput(child.stdout, io.stdout),
    child.stderr && pipeOutput(child.stderr, io.stderr),
  ]);
  try {
    // Only runc holds the other ends: they close with it, and a slow reader may take its time.
    const ended = Promise.all([exited, outputs]).then(([exitCode]) => exitCode);
    ended.catch(() => {});
    const exitCode = await Promise.race([ended, aborted.promise]);
    if (exitCode === undefined) {
      await endInterrupted(child, exited, cgroup);
      throw toCancelled(io.signal, io.signal.reason);
    }
    return exitCode;
  } finally {
    stopInput();
    liftStop();
    aborted.stop();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/**
 * runc passes signals on instead of heeding them: it would go on reading a terminal that is another
 * job's while we are stopped, and get SIGTTIN without end.
 */
function stopAlong(child: ChildProcess): () => void {
  return guardStop({
    before: () => void child.kill("SIGSTOP"),
    after: () => void child.kill("SIGCONT"),
  });
}

/** runc passes TERM on; what does not heed it is killed with all its children. */
async function endInterrupted(
  child: ChildProcess,
  exited: Promise<number>,
  cgroup: ExecCgroup,
): Promise<void> {
  child.kill("SIGTERM");
  // Who leaves meanwhile grants it no more time. The first killing is done before kill() waits.
  const onExit = () => {
    void cgroup.kill();
    child.kill("SIGKILL");
  };
  process.once("exit", onExit);
  const over = new AbortController();
  const grace = delay(INTERRUPT_GRACE_MS, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([exited.catch(() => {}), grace]);
  // A timer that goes on would hold the whole program for its time.
  over.abort();
  process.off("exit", onExit);
  await cgroup.kill();
  child.kill("SIGKILL");
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new StatusError("Internal", "cannot start the OCI runtime", { cause })),
    );
    child.once("exit", (code, signal) =>
      code === null
        ? reject(new StatusError("Unknown", `the OCI runtime was ended by ${signal}`))
        : resolve(code),
    );
  });
}

function abortOf(signal: AbortSignal): { promise: Promise<undefined>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { promise, stop: () => signal.removeEventListener("abort", onAbort) };
}

/**
 * runc's failure or the program's own status? runc puts its words on stderr: where the caller has
 * those (`isTold`), the failure is its status alone, so that nothing is told twice.
 */
async function tellApart(exitCode: number, logFile: string, isTold: boolean): Promise<number> {
  const log = await readRuncLog(logFile);
  if (!log.includes('"level":"error"')) return exitCode;
  const error = parseRuntimeError("cannot execute the command", log);
  if (error.exitCode === undefined && !isTold) throw error;
  return error.exitCode ?? NOT_RUN;
}
