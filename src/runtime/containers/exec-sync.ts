import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StatusError } from "../../errors/status-error.ts";
import { isAlive } from "../../host/process-identity.ts";
import { toCancelled } from "../../host/sleep.ts";
import type { Engine } from "../engine.ts";
import { endShim } from "../shim/end-shim.ts";
import { parseLogOutput } from "../shim/parse-log-output.ts";
import type { ShimFiles } from "../shim/shim-files.ts";
import { waitForExit } from "../shim/wait-for-exit.ts";
import type { ContainerRecord } from "./container-record.ts";
import { assertIsRunning } from "./container-state.ts";
import { createExecCgroup } from "./exec-cgroup.ts";
import { writeProcessFile } from "./exec-command.ts";
import { beginExec, execIntent } from "./exec-intent.ts";
import { makeExecBundle, startExecShim } from "./exec-shim.ts";
import { getContainer } from "./find-container.ts";

/** Of the log that holds both streams; a line of it has 45 bytes more than it had. */
const LARGEST_OUTPUT_BYTES = 16 * 1024 * 1024;
const LOOK_EVERY_MS = 200;

export interface ExecSyncOptions {
  readonly cmd: readonly string[];
  /** 0 for none. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a command in the container to its end and hands over its output; processes that it leaves in
 * the background live on. DeadlineExceeded after the timeout, ResourceExhausted for more than 16 MiB
 * of output: then all that it started is killed, and so it is by the next crish where this one is
 * killed. OciRuntimeError where the command cannot be run,
 * FailedPrecondition unless the container runs.
 */
export async function execSync(
  engine: Engine,
  id: string,
  options: ExecSyncOptions,
): Promise<{ exitCode: number; stdout: Buffer; stderr: Buffer }> {
  const record = await getContainer(engine, id);
  assertIsRunning(record);
  const processFile = await writeProcessFile(engine, record, { cmd: options.cmd, tty: false });
  const files = await makeExecBundle(engine, record);
  const cgroup = createExecCgroup(record);
  const intent = execIntent({ processFile, files: [files.bundle] }, cgroup);
  let endIntent = async () => {};
  try {
    endIntent = await beginExec(engine, intent);
    const log = join(files.bundle, "output");
    const exitCode = await runToEnd(engine, record, {
      ...options,
      files,
      processFile,
      log,
      runtimeOptions: cgroup.args,
    });
    // Until now it was only looked at now and then.
    if ((await stat(log)).size > LARGEST_OUTPUT_BYTES) throw tooMuchOutput();
    return { exitCode, ...parseLogOutput(await readFile(log)) };
  } catch (error) {
    // Whatever ended the wait: nothing of the command stays behind.
    await cgroup.kill();
    throw error;
  } finally {
    cgroup.release();
    await Promise.all(
      [processFile, files.bundle].map((path) => rm(path, { recursive: true, force: true })),
    );
    await endIntent();
  }
}

interface Run extends ExecSyncOptions {
  readonly files: ShimFiles;
  readonly processFile: string;
  readonly log: string;
  readonly runtimeOptions: readonly string[];
}

async function runToEnd(engine: Engine, record: ContainerRecord, run: Run): Promise<number> {
  const limit = limitRun(run);
  try {
    const { shim } = await startExecShim(engine, record, {
      files: run.files,
      log: `k8s-file:${run.log}`,
      stdin: false,
      terminal: false,
      processFile: run.processFile,
      runtimeOptions: run.runtimeOptions,
      signal: limit.signal,
    });
    const exit = await waitForExit(run.files, {
      signal: limit.signal,
      isGone: () => !isAlive(shim),
    });
    if (exit === undefined) throw new StatusError("Unknown", "the command's exit code was lost");
    await endShim(shim);
    return exit.exitCode;
  } catch (error) {
    throw limit.signal.aborted ? toCancelled(limit.signal, error) : error;
  } finally {
    limit.stop();
  }
}

/** One signal for all that can end the wait: the caller, the time and the size of the output. */
function limitRun(run: Run): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer =
    run.timeoutMs > 0
      ? setTimeout(() => controller.abort(tookTooLong(run.timeoutMs)), run.timeoutMs)
      : undefined;
  const looking = setInterval(() => {
    stat(run.log).then(
      ({ size }) => {
        if (size > LARGEST_OUTPUT_BYTES) controller.abort(tooMuchOutput());
      },
      () => {},
    );
  }, LOOK_EVERY_MS);
  return {
    signal: run.signal ? AbortSignal.any([run.signal, controller.signal]) : controller.signal,
    stop() {
      clearTimeout(timer);
      clearInterval(looking);
    },
  };
}

function tookTooLong(timeoutMs: number): StatusError {
  return new StatusError("DeadlineExceeded", `the command took longer than ${timeoutMs} ms`);
}

function tooMuchOutput(): StatusError {
  const message = `the command wrote more than ${LARGEST_OUTPUT_BYTES} bytes`;
  return new StatusError("ResourceExhausted", message);
}
