import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openRemote } from "../../../src/cri/remote-backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { serve } from "../../../src/server/serve.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { fakeBackend } from "../../support/fake-backend.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const NOBODY = 65_534;

describe("a user without rights to the socket", () => {
  const cleanup = cleanupAfter();

  it("is denied, and told what to do", async () => {
    const listen = `unix://${join(await temporaryDirectory(cleanup), "s.sock")}`;
    const server = await serve(fakeBackend({}), { listen });
    cleanup.add("stop server", () => server.close(0));
    const remote = await openRemote({
      runtimeEndpoint: listen,
      connectTimeoutMs: 2000,
      maxRetries: 3,
    });
    cleanup.add("close client", () => remote.close());
    const restore = becomeNobody();
    try {
      await assert.rejects(remote.runtime.version({ version: "0.1.0" }), (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, "PermissionDenied");
        assert.equal(error.message, `cannot connect to "${listen}"`);
        assert.match(error.hint ?? "", /run as root/);
        return true;
      });
    } finally {
      restore();
    }
  });
});

/** Gives up root's rights, those of its group as well; returns what takes them back. */
function becomeNobody(): () => void {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  return () => {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  };
}
