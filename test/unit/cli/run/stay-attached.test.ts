import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { createContext } from "../../../../src/cli/create-context.ts";
import { stayAttached } from "../../../../src/cli/run/stay-attached.ts";
import { loadSettings } from "../../../../src/config/load-settings.ts";
import type { CriBackend } from "../../../../src/cri/backend.ts";
import { createMessage } from "../../../../src/cri/create-message.ts";
import { ContainerState, ContainerStatus } from "../../../../src/cri/gen/runtime/v1/api.ts";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { fakeBackend } from "../../../support/fake-backend.ts";
import { memoryOutput, memorySession } from "../../../support/memory-session.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";

describe("staying with a container that was just started", () => {
  const cleanup = cleanupAfter();

  it("passes stdin on without streams for the output, which comes from the log", async () => {
    const logPath = join(await temporaryDirectory(cleanup, "attached"), "log");
    await writeFile(logPath, "2026-01-01T00:00:00.000000000Z stdout F hello\n");
    const status = createMessage(ContainerStatus, {
      logPath,
      state: ContainerState.CONTAINER_EXITED,
      exitCode: 3,
    });
    const attached: string[] = [];
    const attach: CriBackend["streams"]["attach"] = async (_request, io) => {
      attached.push(...Object.keys(io).sort());
      if (io.stdin !== undefined) await text(io.stdin);
    };
    const fake = fakeBackend({ answers: { containerStatus: () => ({ status, info: {} }) } });
    const backend: CriBackend = { ...fake, streams: { ...fake.streams, attach } };
    const written: string[] = [];
    const stream = () => assert.fail("a stream was made");
    const { session } = memorySession(backend, {
      stdout: memoryOutput(written, { stream }),
      stderr: memoryOutput(written, { stream }),
    });
    const settings = await loadSettings({
      flags: {},
      env: session.env,
      defaultFile: "/dev/null",
    });
    const options = { containerId: "c", stdin: true, tty: false };
    const ending = await stayAttached(createContext(session, settings), options);
    assert.deepEqual(ending, { exitCode: 3 });
    assert.deepEqual(attached, ["signal", "stdin"]);
    assert.equal(written.join(""), "hello\n");
  });
});
