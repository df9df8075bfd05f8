import { mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { randomId } from "../../host/random-id.ts";
import { createCgroup } from "../cgroups/create-cgroup.ts";
import { moveProcess } from "../cgroups/move-process.ts";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { parseRuntimeError } from "../oci/oci-runtime-error.ts";
import { readRuncLog, runcOptions } from "../oci/runc.ts";
import { fromCriSignal, parseSignal } from "../oci/signals.ts";
import { shimFiles } from "../shim/shim-files.ts";
import { ShimStartError, type StartedShim, startShim } from "../shim/start-shim.ts";
import type { ContainerRecord } from "./container-record.ts";
import { assertIsRunning } from "./container-state.ts";
import { deleteContainer, insertContainer, updateContainer } from "./container-store.ts";
import { getContainer } from "./find-container.ts";
import { makeSpec } from "./make-spec.ts";
import { mountRootfs } from "./mount-rootfs.ts";
import type { PodEnvironment } from "./pod-environment.ts";
import { removeEffects } from "./remove-effects.ts";
import { getRuntime } from "./runtime-handler.ts";

export interface CreateOptions {
  readonly environment: PodEnvironment;
  readonly image: ImageRecord;
  readonly config: ContainerConfig;
  /** Asked again once the container is recorded: throws where the pod was stopped meanwhile. */
  assertPodReady(): void;
  readonly signal?: AbortSignal;
}

const KIND = "container-create";

/**
 * Makes a container that waits for its start: recorded, root file system mounted, shim and first
 * process there. Leaves nothing on failure. InvalidArgument for a configuration that cannot be,
 * AlreadyExists for a name and attempt that the pod has, OciRuntimeError for what runc refuses.
 */
export async function createContainer(
  engine: Engine,
  options: CreateOptions,
): Promise<ContainerRecord> {
  const record = newRecord(engine, options);
  getRuntime(engine, record.runtimeHandler);
  await engine.intents.begin({ kind: KIND, subject: record.id }, (db) =>
    insertContainer(db, record),
  );
  try {
    options.assertPodReady();
    const created = await makeContainer(engine, record, options);
    await engine.intents.end({ kind: KIND, subject: record.id }, (db) =>
      updateContainer(db, created),
    );
    return created;
  } catch (error) {
    await undoCreation(engine, record);
    throw error;
  }
}

/** Undoes a creation that failed or whose creator was killed. Idempotent. */
export async function undoCreation(engine: Engine, record: ContainerRecord): Promise<void> {
  await removeEffects(engine, record, { isUnfinished: true });
  await engine.intents.end({ kind: KIND, subject: record.id }, (db) =>
    deleteContainer(db, record.id),
  );
}

function newRecord(engine: Engine, options: CreateOptions): ContainerRecord {
  const { config, environment, image } = options;
  const name = config.metadata?.name ?? "";
  if (name === "") throw new StatusError("InvalidArgument", "the container has no metadata.name");
  if (config.CDIDevices.length > 0) {
    throw new StatusError("Unimplemented", "CDI devices are not supported");
  }
  const id = randomId();
  const { logDirectory } = environment.config;
  const logPath =
    logDirectory !== "" && config.logPath !== ""
      ? join(logDirectory, config.logPath)
      : join(engine.paths.logs, environment.sandboxId, `${id}.log`);
  if (basename(logPath).includes(":")) {
    throw new StatusError("InvalidArgument", `the log "${logPath}" has a colon in its name`);
  }
  const imageSignal = image.config.config?.StopSignal;
  return {
    id,
    sandboxId: environment.sandboxId,
    config,
    imageId: image.id,
    runtimeHandler: environment.runtimeHandler,
    logPath,
    cgroupPath: join(environment.cgroupPath, id),
    user: { uid: 0, gid: 0, groups: [] },
    stopSignal: fromCriSignal(config.stopSignal) ?? parseSignal(imageSignal || "SIGTERM"),
    createdAtNs: engine.now(),
    isCreated: false,
    shim: undefined,
    init: undefined,
    startedAtNs: undefined,
    finishedAtNs: undefined,
    exitCode: 0,
    reason: "",
    message: "",
  };
}

/** The shim is started and placed while the bundle is made: it waits for that. */
async function makeContainer(
  engine: Engine,
  record: ContainerRecord,
  options: CreateOptions,
): Promise<ContainerRecord> {
  const files = shimFiles(engine.paths, record.id);
  await Promise.all(
    [files.bundle, files.persistDirectory, dirname(record.logPath)].map((directory) =>
      mkdir(directory, { recursive: true, mode: 0o755 }),
    ),
  );
  const bundle = makeBundle(engine, record, options);
  const started = await startContainerShim(engine, record, {
    ready: bundle,
    cgroupPath: join(options.environment.cgroupPath, "shims"),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch(async (error: unknown) => {
    // The undoing must not run beside what makes the bundle: its mount would come after.
    await bundle.catch(() => {});
    throw error;
  });
  const { user } = await bundle;
  return { ...record, ...started, user, isCreated: true };
}

async function makeBundle(
  engine: Engine,
  record: ContainerRecord,
  options: CreateOptions,
): Promise<Pick<ContainerRecord, "user">> {
  const files = shimFiles(engine.paths, record.id);
  const { environment, image, config } = options;
  const { id: containerId } = record;
  await mountRootfs(engine, { containerId, chainId: image.chainId, rootfs: files.rootfs });
  const spec = await makeSpec(engine, {
    containerId,
    config,
    environment,
    image,
    rootfs: files.rootfs,
    cgroupPath: record.cgroupPath,
    targetPidNamespace: await targetPidNamespace(engine, config),
    volumes: join(files.persistDirectory, "volumes"),
  });
  await writeFile(files.spec, JSON.stringify(spec), { mode: 0o600 });
  const { uid, gid, additionalGids } = spec.process.user;
  return { user: { uid, gid, groups: additionalGids } };
}

async function targetPidNamespace(
  engine: Engine,
  config: ContainerConfig,
): Promise<string | undefined> {
  const targetId = config.linux?.securityContext?.namespaceOptions?.targetId ?? "";
  if (targetId === "") return undefined;
  const target = await getContainer(engine, targetId);
  assertIsRunning(target);
  return `/proc/${target.init?.pid}/ns/pid`;
}

async function startContainerShim(
  engine: Engine,
  record: ContainerRecord,
  place: { ready: Promise<unknown>; cgroupPath: string; signal?: AbortSignal },
): Promise<StartedShim> {
  const files = shimFiles(engine.paths, record.id);
  const runtime = getRuntime(engine, record.runtimeHandler);
  const { config } = record;
  const log = await shimLog(record.logPath, files.bundle);
  try {
    return await startShim({
      conmon: engine.config.conmon,
      files,
      containerId: record.id,
      name: config.metadata?.name ?? "",
      runtime: { path: runtime.path, args: runcOptions(runtime, files.runtimeLog) },
      log: `k8s-file:${log}`,
      stdin: config.stdin,
      stdinOnce: config.stdinOnce,
      terminal: config.tty,
      ready: place.ready,
      async place(pid, goOn) {
        createCgroup(place.cgroupPath);
        // runc places its process in the hierarchies of version 1 by itself, in the unified one of a
        // hybrid node it does not: there the shim must be before it starts runc.
        await moveProcess(place.cgroupPath, pid, 2);
        await moveProcess(place.cgroupPath, await goOn(), 1);
      },
      ...(place.signal === undefined ? {} : { signal: place.signal }),
    });
  } catch (error) {
    if (!(error instanceof ShimStartError)) throw error;
    const words = await readRuncLog(files.runtimeLog);
    if (words === "") throw error;
    throw parseRuntimeError(`cannot create container "${config.metadata?.name ?? ""}"`, words);
  }
}

/** conmon ends a path at its first colon: a directory that has one is reached through a link. */
async function shimLog(logPath: string, bundle: string): Promise<string> {
  const directory = dirname(logPath);
  if (!directory.includes(":")) return logPath;
  const link = join(bundle, "log-directory");
  await symlink(directory, link);
  return join(link, basename(logPath));
}
