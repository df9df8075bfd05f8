import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { PortForwardSession } from "../../../src/cri/backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { reopenedSession } from "../../../src/runtime/services/reopened-session.ts";

type Opening = "working" | "gone" | "refusing" | "unopened";

/** Opens sessions as the list says, one after another, and counts. */
function opener(list: Opening[]) {
  const counts = { opened: 0, closed: 0 };
  const connect = async (kind: Opening): Promise<PassThrough> => {
    if (kind === "gone") throw new StatusError("Unavailable", "the helper has ended");
    if (kind === "refusing") throw new StatusError("FailedPrecondition", "nobody listens");
    return new PassThrough();
  };
  const open = async (): Promise<PortForwardSession> => {
    counts.opened += 1;
    const kind = list.shift() ?? "working";
    if (kind === "unopened") throw new StatusError("FailedPrecondition", "the pod is not ready");
    return {
      connect: () => connect(kind),
      close: async () => {
        counts.closed += 1;
      },
    };
  };
  return { counts, open };
}

describe("a session that is opened anew", () => {
  it("serves all connections, also after one that was refused", async () => {
    const { counts, open } = opener(["refusing"]);
    const session = await reopenedSession(open);
    await assert.rejects(session.connect(81), { message: "nobody listens" });
    await assert.rejects(session.connect(81), { message: "nobody listens" });
    assert.deepEqual(counts, { opened: 1, closed: 0 });
    await session.close();
    assert.deepEqual(counts, { opened: 1, closed: 1 });
  });

  it("is replaced once for all that find it gone", async () => {
    const { counts, open } = opener(["gone"]);
    const session = await reopenedSession(open);
    await Promise.all([session.connect(80), session.connect(80), session.connect(80)]);
    assert.equal(counts.opened, 2);
  });

  it("is tried again where it could not be opened the last time", async () => {
    const { counts, open } = opener(["gone", "unopened", "working"]);
    const session = await reopenedSession(open);
    await assert.rejects(session.connect(80), { message: "the pod is not ready" });
    await session.connect(80);
    assert.equal(counts.opened, 3);
  });

  it("fails where the new one is gone as well, and where the first cannot be opened", async () => {
    const { counts, open } = opener(["gone", "gone"]);
    const session = await reopenedSession(open);
    await assert.rejects(session.connect(80), { message: "the helper has ended" });
    assert.equal(counts.opened, 2);
    const unopened = reopenedSession(opener(["unopened"]).open);
    await assert.rejects(unopened, { message: "the pod is not ready" });
  });
});
