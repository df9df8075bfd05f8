/**
 * A look at the embedded runtime without opening it: for completion, which has milliseconds and
 * must not create, recover or change anything. What it tells is as old as the last command, except
 * that containers whose shim has ended are told as exited.
 */
import type { Container, Image, PodSandbox } from "../cri/gen/runtime/v1/api.ts";
import { isAlive, readBootId } from "../host/process-identity.ts";
import { completeHandlers } from "./complete-handlers.ts";
import type { ContainerRecord } from "./containers/container-record.ts";
import { phaseOf } from "./containers/container-state.ts";
import { listContainerRowsWithin } from "./containers/container-store.ts";
import { listImageRows } from "./images/image-store.ts";
import { toCriImage } from "./images/to-cri-image.ts";
import { loadRuntimeConfig } from "./load-runtime-config.ts";
import { runtimePaths } from "./paths.ts";
import { isReady, isVisible } from "./sandboxes/sandbox.ts";
import { listSandboxesWithin } from "./sandboxes/sandbox-store.ts";
import { toCriContainer } from "./services/cri-container.ts";
import { readExit } from "./shim/read-exit.ts";
import { shimFiles } from "./shim/shim-files.ts";
import { readDatabase } from "./state/read-database.ts";

export interface PeekOptions {
  readonly root: string;
  readonly state: string;
  readonly configFile?: string;
}

/** Each may reject; without a database all are empty. */
export interface EmbeddedPeek {
  containers(): Promise<readonly Container[]>;
  pods(): Promise<readonly PodSandbox[]>;
  images(): Promise<readonly Image[]>;
  /** Names of the runtime handlers; the default one is empty. */
  handlers(): Promise<readonly string[]>;
  /** Number of the container's first process; undefined where it does not run. */
  processOf(containerId: string): Promise<number | undefined>;
}

export function peek({ root, state, configFile }: PeekOptions): EmbeddedPeek {
  const paths = runtimePaths(root, state);
  const records = async () => (await readDatabase(paths.database, listContainerRowsWithin)) ?? [];
  const asItIs = (record: ContainerRecord): ContainerRecord => {
    if (phaseOf(record) !== "running") return record;
    const hasShim = record.shim !== undefined && isAlive(record.shim);
    // In this order: a shim that has ended wrote its file before.
    const exit = readExit(shimFiles(paths, record.id));
    return exit === undefined && hasShim
      ? record
      : { ...record, finishedAtNs: exit?.finishedAtNs ?? record.createdAtNs };
  };
  return {
    async containers() {
      const visible = (await records()).filter((record) => phaseOf(record) !== "creating");
      return visible.map((record) => toCriContainer(asItIs(record), (id) => id));
    },
    async pods() {
      const bootId = readBootId();
      const sandboxes = (await readDatabase(paths.database, listSandboxesWithin)) ?? [];
      return sandboxes.filter(isVisible).map((sandbox) => ({
        id: sandbox.id,
        metadata: sandbox.config.metadata,
        state: isReady(sandbox, bootId) ? 0 : 1,
        createdAt: sandbox.createdAtNs,
        labels: sandbox.config.labels,
        annotations: sandbox.config.annotations,
        runtimeHandler: sandbox.runtimeHandler,
      }));
    },
    async images() {
      return ((await readDatabase(paths.database, listImageRows)) ?? []).map(toCriImage);
    },
    async handlers() {
      return Object.keys(completeHandlers((await loadRuntimeConfig(configFile)).handlers));
    },
    async processOf(containerId) {
      const record = (await records()).find(({ id }) => id === containerId);
      return record && phaseOf(asItIs(record)) === "running" ? record.init?.pid : undefined;
    },
  };
}
