import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ExecStreamRequest, StreamIo } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { isAlive } from "../../host/process-identity.ts";
import { randomId } from "../../host/random-id.ts";
import { moveProcess } from "../cgroups/move-process.ts";
import type { Engine } from "../engine.ts";
import { OciRuntimeError, parseRuntimeError } from "../oci/oci-runtime-error.ts";
import { readRuncLog, runcOptions } from "../oci/runc.ts";
import { type AttachedClient, attachClient } from "../shim/attach-client.ts";
import { execFiles, type ShimFiles, shimFiles } from "../shim/shim-files.ts";
import { ShimStartError, type StartedShim, startShim } from "../shim/start-shim.ts";
import { waitForExit } from "../shim/wait-for-exit.ts";
import type { ContainerRecord } from "./container-record.ts";
import { writeProcessFile } from "./exec-command.ts";
import { getRuntime } from "./runtime-handler.ts";

const EXIT_DEADLINE_MS = 10_000;

/**
 * A terminal that is not this process's own: a shim holds it, and a helper attaches to the shim
 * before the command starts. The same contract as execStream.
 */
export async function execTerminal(
  engine: Engine,
  record: ContainerRecord,
  request: ExecStreamRequest,
  io: StreamIo,
): Promise<{ exitCode: number }> {
  const bundle = join(shimFiles(engine.paths, record.id).bundle, `exec-${randomId().slice(0, 12)}`);
  const files = execFiles(bundle, record.id);
  await mkdir(files.exitDirectory, { recursive: true, mode: 0o700 });
  await mkdir(files.persistDirectory, { mode: 0o700 });
  const processFile = await writeProcessFile(engine, record, request);
  let client: AttachedClient | undefined;
  try {
    const started = await startExecShim(
      engine,
      record,
      { files, request, processFile },
      async () => {
        client = await attachClient(files, { ...request, stderr: false }, io);
      },
    );
    await followTerminal(client, started, io);
    const exit = await waitForExit(files, {
      timeoutMs: EXIT_DEADLINE_MS,
      isGone: () => !isAlive(started.shim),
    });
    if (exit === undefined) throw new StatusError("Unknown", "the command's exit code was lost");
    return { exitCode: exit.exitCode };
  } catch (error) {
    if (!(error instanceof OciRuntimeError) || error.exitCode === undefined) throw error;
    // As runc says it itself where there is no shim between: one line, and the status of shells.
    (io.stderr ?? io.stdout)?.write(`${error.message}\r\n`);
    return { exitCode: error.exitCode };
  } finally {
    client?.close();
    await Promise.all(
      [bundle, processFile].map((path) => rm(path, { recursive: true, force: true })),
    );
  }
}

async function startExecShim(
  engine: Engine,
  record: ContainerRecord,
  exec: { files: ShimFiles; request: ExecStreamRequest; processFile: string },
  attach: () => Promise<void>,
): Promise<StartedShim> {
  const { files, request, processFile } = exec;
  const runtime = getRuntime(engine, record.runtimeHandler);
  const shims = join(dirname(record.cgroupPath), "shims");
  try {
    return await startShim({
      conmon: engine.config.conmon,
      files,
      containerId: record.id,
      name: record.config.metadata?.name ?? "",
      runtime: { path: runtime.path, args: runcOptions(runtime, files.runtimeLog) },
      log: "none",
      stdin: request.stdin,
      stdinOnce: true,
      terminal: true,
      place: (pid) => moveProcess(shims, pid),
      exec: { processFile, attach },
    });
  } catch (error) {
    if (!(error instanceof ShimStartError)) throw error;
    const log = await readRuncLog(files.runtimeLog);
    throw log === "" ? error : parseRuntimeError("cannot execute the command", log);
  }
}

/** A caller who leaves takes the terminal along: the command is hung up, as on a lost line. */
async function followTerminal(
  client: AttachedClient | undefined,
  started: StartedShim,
  io: StreamIo,
): Promise<void> {
  try {
    await client?.ended;
  } catch (error) {
    if (io.signal.aborted && isAlive(started.init)) {
      for (const signal of ["SIGHUP", "SIGKILL"] as const) process.kill(started.init.pid, signal);
    }
    throw error;
  }
}
