import { rm } from "node:fs/promises";
import type { ExecStreamRequest, StreamIo } from "../../cri/backend.ts";
import { StatusError } from "../../errors/status-error.ts";
import { isAlive } from "../../host/process-identity.ts";
import type { Engine } from "../engine.ts";
import { OciRuntimeError } from "../oci/oci-runtime-error.ts";
import { type AttachedClient, attachClient } from "../shim/attach-client.ts";
import { endShim } from "../shim/end-shim.ts";
import type { StartedShim } from "../shim/start-shim.ts";
import { waitForExit } from "../shim/wait-for-exit.ts";
import type { ContainerRecord } from "./container-record.ts";
import { createExecCgroup } from "./exec-cgroup.ts";
import { writeProcessFile } from "./exec-command.ts";
import { beginExec, execIntent } from "./exec-intent.ts";
import { makeExecBundle, startExecShim } from "./exec-shim.ts";

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
  const files = await makeExecBundle(engine, record);
  const processFile = await writeProcessFile(engine, record, request);
  const cgroup = createExecCgroup(record);
  const intent = execIntent({ processFile, files: [files.bundle] }, cgroup);
  let endIntent = async () => {};
  let client: AttachedClient | undefined;
  try {
    endIntent = await beginExec(engine, intent);
    const started = await startExecShim(engine, record, {
      files,
      log: "none",
      stdin: request.stdin,
      terminal: true,
      processFile,
      runtimeOptions: cgroup.args,
      attach: async () => {
        client = await attachClient(files, { ...request, stderr: false }, io);
      },
    });
    await followTerminal(client, started, io);
    const exit = await waitForExit(files, {
      timeoutMs: EXIT_DEADLINE_MS,
      isGone: () => !isAlive(started.shim),
    });
    if (exit === undefined) throw new StatusError("Unknown", "the command's exit code was lost");
    await endShim(started.shim);
    return { exitCode: exit.exitCode };
  } catch (error) {
    if (!(error instanceof OciRuntimeError) || error.exitCode === undefined) throw error;
    // As runc says it itself where there is no shim between: one line, and the status of shells.
    (io.stderr ?? io.stdout)?.write(`${error.message}\r\n`);
    return { exitCode: error.exitCode };
  } finally {
    client?.close();
    cgroup.release();
    await Promise.all(
      [files.bundle, processFile].map((path) => rm(path, { recursive: true, force: true })),
    );
    await endIntent();
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
