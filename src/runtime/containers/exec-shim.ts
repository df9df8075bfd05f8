import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomId } from "../../host/random-id.ts";
import { moveProcess } from "../cgroups/move-process.ts";
import type { Engine } from "../engine.ts";
import { parseRuntimeError } from "../oci/oci-runtime-error.ts";
import { readRuncLog, runcOptions } from "../oci/runc.ts";
import { execFiles, type ShimFiles, shimFiles } from "../shim/shim-files.ts";
import { ShimStartError, type StartedShim, startShim } from "../shim/start-shim.ts";
import type { ContainerRecord } from "./container-record.ts";
import { getRuntime } from "./runtime-handler.ts";

export interface ExecShimOptions {
  readonly files: ShimFiles;
  readonly log: string;
  readonly stdin: boolean;
  readonly terminal: boolean;
  readonly processFile: string;
  readonly runtimeOptions: readonly string[];
  readonly attach?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Directories for the shim of one exec, below the container's bundle; the caller removes them. */
export async function makeExecBundle(engine: Engine, record: ContainerRecord): Promise<ShimFiles> {
  const { bundle } = shimFiles(engine.paths, record.id);
  const files = execFiles(join(bundle, `exec-${randomId().slice(0, 12)}`), record.id);
  await mkdir(files.exitDirectory, { recursive: true, mode: 0o700 });
  return files;
}

/**
 * Starts the command under a shim of its own, which keeps its exit code even where its children hold
 * its streams. OciRuntimeError where the command cannot be run.
 */
export async function startExecShim(
  engine: Engine,
  record: ContainerRecord,
  options: ExecShimOptions,
): Promise<StartedShim> {
  const { files, processFile, runtimeOptions, attach } = options;
  const runtime = getRuntime(engine, record.runtimeHandler);
  const shims = join(dirname(record.cgroupPath), "shims");
  try {
    return await startShim({
      conmon: engine.config.conmon,
      files,
      containerId: record.id,
      name: record.config.metadata?.name ?? "",
      runtime: { path: runtime.path, args: runcOptions(runtime, files.runtimeLog) },
      log: options.log,
      stdin: options.stdin,
      stdinOnce: true,
      terminal: options.terminal,
      // One that nobody waits for any more needs not outlive its caller: only a terminal is moved.
      place: async (pid) => {
        if (options.terminal) await moveProcess(shims, pid);
      },
      exec: { processFile, runtimeOptions, ...(attach === undefined ? {} : { attach }) },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (!(error instanceof ShimStartError)) throw error;
    const log = await readRuncLog(files.runtimeLog);
    throw log === "" ? error : parseRuntimeError("cannot execute the command", log);
  }
}
