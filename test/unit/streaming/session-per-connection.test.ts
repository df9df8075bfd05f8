import assert from "node:assert/strict";
import { once } from "node:events";
import { type Duplex, PassThrough } from "node:stream";
import { describe, it } from "node:test";
import type { PortForwardSession } from "../../../src/cri/backend.ts";
import { hasCode, StatusError } from "../../../src/errors/status-error.ts";
import { openSessionPerConnection } from "../../../src/streaming/session-per-connection.ts";

const gone = (): never => {
  throw new StatusError("Unavailable", "connection is closed");
};

/** Sessions that tell what becomes of them: `opened` and `closed` have their numbers. */
function dialler(connects: readonly (() => Duplex)[] = []) {
  const opened: number[] = [];
  const closed: number[] = [];
  const dial = async (): Promise<PortForwardSession> => {
    const number = opened.push(opened.length);
    return {
      connect: async () => (connects[number - 1] ?? (() => new PassThrough()))(),
      close: async () => void closed.push(number),
    };
  };
  return { opened, closed, dial };
}

describe("a session for each connection", () => {
  it("begins with the one that shows that the pod is there", async () => {
    const { opened, dial } = dialler();
    const sessions = await openSessionPerConnection(dial);
    await sessions.connect(80);
    assert.equal(opened.length, 1);
    await sessions.connect(80);
    await sessions.connect(81);
    assert.equal(opened.length, 3);
    const failing = openSessionPerConnection(() =>
      Promise.reject(new StatusError("NotFound", "no such pod")),
    );
    await assert.rejects(failing, { message: "no such pod" });
  });

  it("ends with its connection, and all end with the whole", async () => {
    const { closed, dial } = dialler();
    const sessions = await openSessionPerConnection(dial);
    await sessions.connect(80);
    const second = await sessions.connect(80);
    second.destroy();
    await once(second, "close");
    assert.deepEqual(closed, [2]);
    await sessions.close();
    await sessions.close();
    assert.deepEqual(closed, [2, 1]);
    await assert.rejects(sessions.connect(80), (error) => hasCode(error, "Unavailable"));
  });

  it("is replaced where the first has gone while it waited, and only then", async () => {
    const first = dialler([gone]);
    const sessions = await openSessionPerConnection(first.dial);
    await sessions.connect(80);
    assert.deepEqual([first.opened.length, first.closed], [2, [1]]);

    const refused = (): never => {
      throw new StatusError("InvalidArgument", "no such port");
    };
    for (const connects of [[refused], [gone, gone]]) {
      const { closed, dial } = dialler(connects);
      const failing = await openSessionPerConnection(dial);
      await assert.rejects(failing.connect(80), StatusError);
      assert.equal(closed.length, connects.length);
    }
  });

  it("is closed where it opens after the end of the whole", async () => {
    const { closed, dial } = dialler([() => new PassThrough(), gone]);
    const opening = Promise.withResolvers<void>();
    let isFirst = true;
    const sessions = await openSessionPerConnection(async () => {
      if (!isFirst) await opening.promise;
      isFirst = false;
      return await dial();
    });
    await sessions.connect(80);
    const late = sessions.connect(80);
    await sessions.close();
    opening.resolve();
    await assert.rejects(late, (error) => hasCode(error, "Unavailable"));
    assert.ok(closed.includes(2));
  });
});
