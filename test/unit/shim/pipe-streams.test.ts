import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import { pipeOutput } from "../../../src/runtime/shim/pipe-streams.ts";

function chunks(count: number): Readable {
  return Readable.from(
    Array.from({ length: count }, () => Buffer.alloc(1000)),
    { objectMode: true },
  );
}

describe("pipeOutput", () => {
  it("leaves no listener behind, however often the target had to drain", async () => {
    let bytes = 0;
    let most = 0;
    const target = new Writable({
      highWaterMark: 10,
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        most = Math.max(most, ...listenersOf(target));
        setImmediate(done);
      },
    });
    const before = listenersOf(target);
    await pipeOutput(chunks(50), target);
    assert.equal(bytes, 50_000);
    assert.deepEqual(listenersOf(target), before);
    assert.ok(most < EventEmitter.defaultMaxListeners, `${most} listeners`);
  });

  it("reads all where the target closes or breaks while it is waited for", async () => {
    for (const failure of [undefined, new Error("broken")]) {
      const target = new Writable({ highWaterMark: 10, write() {} });
      const source = chunks(5);
      const piping = pipeOutput(source, target);
      await new Promise(setImmediate);
      target.destroy(failure);
      await piping;
      assert.equal(source.readableEnded || source.destroyed, true);
      if (!target.closed) await once(target, "close");
      assert.deepEqual(target.listenerCount("drain"), 0);
    }
  });
});

function listenersOf(emitter: EventEmitter): readonly number[] {
  return ["drain", "close", "error", "finish"].map((name) => emitter.listenerCount(name));
}
