import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { shareSessions } from "../../../../src/cli/port-forward/share-sessions.ts";
import type { PortForwardSession } from "../../../../src/cri/backend.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

describe("sessions that connections share", () => {
  it("are opened anew where the one before could not be opened", async () => {
    const working: PortForwardSession = {
      connect: async () => new PassThrough(),
      close: async () => {},
    };
    const opened = [
      Promise.reject(new StatusError("FailedPrecondition", "the pod is not ready")),
      Promise.resolve(working),
    ];
    for (const session of opened) session.catch(() => {});
    const { signal } = new AbortController();
    const sessions = shareSessions(working, {
      open: () => opened.shift() ?? Promise.reject(new Error("one too many")),
      signal,
    });
    const { release } = await sessions.connect(80);
    release(true);
    await assert.rejects(sessions.connect(80), { message: "the pod is not ready" });
    const again = await sessions.connect(80);
    again.release(false);
    await sessions.close();
    assert.deepEqual(opened, []);
  });
});
