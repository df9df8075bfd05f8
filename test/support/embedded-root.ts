import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { killProcessesNaming } from "./kill-processes-naming.ts";
import { findLeaks, type RootScope } from "./leak-check.ts";
import { removeBridge } from "./remove-bridge.ts";
import { removeCgroups } from "./remove-cgroups.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { randomSubnet, uniqueSuffix } from "./unique.ts";
import { waitUntil } from "./wait-until.ts";

/** A root of the embedded runtime that shares nothing with another, and what names it. */
export interface EmbeddedRoot extends RootScope {
  readonly directory: string;
  readonly configFile: string;
  readonly subnet: string;
  /** For child processes: makes `-r embedded:` mean this root. */
  readonly env: Readonly<Record<string, string>>;
  /** What is left of pods and containers, as `findLeaks` tells. */
  leaks(): Promise<string[]>;
  /** Removes every pod through the backend; rejects when anything is left afterwards. */
  removeEverything(): Promise<void>;
}

export interface EmbeddedRootOptions {
  /** More fields of the runtime configuration, over those of the test. */
  config?: Readonly<Record<string, unknown>>;
  /** Place for root and state; a temporary directory of its own by default. */
  directory?: string;
  /** Name of the root in that place: "root" by default. */
  rootName?: string;
}

/**
 * Makes the directories and the runtime configuration. The cleanup removes every pod through the
 * backend, proves that nothing leaked, and only then takes down by force what is left.
 */
export async function createEmbeddedRoot(
  cleanup: Cleanup,
  options: EmbeddedRootOptions = {},
): Promise<EmbeddedRoot> {
  const suffix = uniqueSuffix();
  const directory = options.directory ?? (await temporaryDirectory(cleanup, "root"));
  const scope = {
    root: join(directory, options.rootName ?? "root"),
    state: join(directory, "state"),
    network: `crish-t-${suffix}`,
    bridge: `crt-${suffix}`,
    cgroupParent: `/crish-t-${suffix}`,
  };
  const subnet = randomSubnet();
  const configFile = join(directory, "runtime.yaml");
  await mkdir(join(directory, "net.d"), { recursive: true });
  const config = {
    network: { name: scope.network, bridge: scope.bridge, subnet },
    cgroupParent: scope.cgroupParent,
    cniConfigDir: join(directory, "net.d"),
    ...options.config,
  };
  await writeFile(configFile, JSON.stringify(config, undefined, 2));
  const root: EmbeddedRoot = {
    ...scope,
    directory,
    subnet,
    configFile,
    env: {
      CRISH_ROOT: scope.root,
      CRISH_STATE: scope.state,
      CRISH_RUNTIME_CONFIG: configFile,
      CONTAINER_RUNTIME_ENDPOINT: "embedded:",
    },
    leaks: () => findLeaks(scope),
    removeEverything: () => removeEverything(root),
  };
  cleanup.add("take the root down by force", () => takeDown(scope));
  cleanup.add("remove every pod of the root", () => root.removeEverything());
  return root;
}

async function removeEverything(root: EmbeddedRoot): Promise<void> {
  const { openEmbedded } = await import("../../src/runtime/index.ts");
  const backend = await openEmbedded({
    root: root.root,
    state: root.state,
    configFile: root.configFile,
    mode: "one-shot",
    log: SILENT,
    signal: AbortSignal.timeout(120_000),
  });
  try {
    const { items } = await backend.runtime.listPodSandbox({ filter: undefined });
    for (const { id } of items) {
      await backend.runtime.stopPodSandbox({ podSandboxId: id });
      await backend.runtime.removePodSandbox({ podSandboxId: id });
    }
  } finally {
    await backend.close();
  }
  await assertNothingLeaked(root);
}

/** Waits a moment for what ends by itself (a shim that has just written its exit file). */
export async function assertNothingLeaked(root: Pick<EmbeddedRoot, "leaks">): Promise<void> {
  let leaks: string[] = [];
  await waitUntil(
    "nothing is left",
    async () => {
      leaks = await root.leaks();
      return leaks.length === 0;
    },
    { timeoutMs: 5_000, intervalMs: 200 },
  ).catch(() => {});
  assert.deepEqual(leaks, [], `left behind: ${leaks.join(", ")}`);
}

async function takeDown(scope: RootScope): Promise<void> {
  await killProcessesNaming(scope.state);
  await killProcessesNaming(scope.root);
  await removeCgroups(scope.cgroupParent);
  await removeBridge(scope.bridge, scope.network);
}

export const SILENT = { debug: () => {}, warn: () => {} };
