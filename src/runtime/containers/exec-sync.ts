import { rm } from "node:fs/promises";
import { StatusError } from "../../errors/status-error.ts";
import { type ProcessResult, runProcess } from "../../host/run-process.ts";
import type { Engine } from "../engine.ts";
import { parseRuntimeError } from "../oci/oci-runtime-error.ts";
import { readRuncLog, runcLogFile, runcOptions } from "../oci/runc.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { assertIsRunning } from "./container-state.ts";
import { createExecCgroup } from "./exec-cgroup.ts";
import { writeProcessFile } from "./exec-command.ts";
import { getContainer } from "./find-container.ts";
import { getRuntime } from "./runtime-handler.ts";

/** Of stdout and of stderr, each. */
const LARGEST_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Runs a command in the container to its end and hands over its output. DeadlineExceeded after the
 * timeout, ResourceExhausted for more than 16 MiB of output: then all that it started is killed.
 * OciRuntimeError where the command cannot be run, FailedPrecondition unless the container runs.
 */
export async function execSync(
  engine: Engine,
  id: string,
  options: { cmd: readonly string[]; timeoutMs?: number; signal?: AbortSignal },
): Promise<{ exitCode: number; stdout: Buffer; stderr: Buffer }> {
  const record = await getContainer(engine, id);
  assertIsRunning(record);
  const runtime = getRuntime(engine, record.runtimeHandler);
  const processFile = await writeProcessFile(engine, record, { cmd: options.cmd, tty: false });
  const logFile = runcLogFile(shimFiles(engine.paths, record.id).bundle);
  const cgroup = createExecCgroup(record);
  try {
    const args = ["exec", ...cgroup.args, "--process", processFile, record.id];
    const result = await runProcess(runtime.path, [...runcOptions(runtime, logFile), ...args], {
      maxOutputBytes: LARGEST_OUTPUT_BYTES,
      ...(options.timeoutMs ? { timeoutMs: options.timeoutMs } : {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return { ...result, exitCode: await exitCodeOf(result, logFile) };
  } catch (cause) {
    // Whatever ended the wait: nothing of the command stays behind.
    await cgroup.kill();
    throw cause instanceof StatusError && cause.code === "DeadlineExceeded"
      ? new StatusError(
          "DeadlineExceeded",
          `command in container "${record.id}" took longer than ${options.timeoutMs} ms`,
        )
      : cause;
  } finally {
    cgroup.release();
    await Promise.all([processFile, logFile].map((file) => rm(file, { force: true })));
  }
}

async function exitCodeOf(result: ProcessResult, logFile: string): Promise<number> {
  if (result.exitCode === undefined) {
    throw new StatusError("Unknown", `the OCI runtime was ended by ${result.signal}`);
  }
  // runc's own failures are 255 (1 before it joined), and so may be the program's: the log tells.
  const log = result.exitCode === 255 || result.exitCode === 1 ? await readRuncLog(logFile) : "";
  if (log.includes('"level":"error"')) throw parseRuntimeError("cannot execute the command", log);
  return result.exitCode;
}
