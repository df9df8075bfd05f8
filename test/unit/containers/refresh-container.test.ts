import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ContainerRecord } from "../../../src/runtime/containers/container-record.ts";
import { refreshContainer } from "../../../src/runtime/containers/refresh-container.ts";
import type { Engine } from "../../../src/runtime/engine.ts";
import { runtimePaths } from "../../../src/runtime/paths.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const SECOND_NS = 1_000_000_000n;

describe("a container whose end its shim has written down", () => {
  const cleanup = cleanupAfter();

  /** The record as it is read when the exit file has that time. */
  async function refreshed(startedAtNs: bigint, exitSeconds: number): Promise<ContainerRecord> {
    const directory = await temporaryDirectory(cleanup, "refresh");
    const paths = runtimePaths(join(directory, "root"), join(directory, "state"));
    await mkdir(paths.exits, { recursive: true });
    const file = join(paths.exits, "c");
    await writeFile(file, "7");
    await utimes(file, exitSeconds, exitSeconds);
    const engine = { paths, database: { write: async () => undefined } } as unknown as Engine;
    const record = { id: "c", isCreated: true, startedAtNs } as ContainerRecord;
    return await refreshContainer(engine, record);
  }

  it("ended when the file was written", async () => {
    const { finishedAtNs, exitCode, reason } = await refreshed(1000n * SECOND_NS, 1001);
    assert.deepEqual([finishedAtNs, exitCode, reason], [1001n * SECOND_NS, 7, "Error"]);
  });

  it("did not end before its start, whose clock goes finer than that of files", async () => {
    const startedAtNs = 1000n * SECOND_NS + 3_000_000n;
    assert.equal((await refreshed(startedAtNs, 1000)).finishedAtNs, startedAtNs);
  });
});
