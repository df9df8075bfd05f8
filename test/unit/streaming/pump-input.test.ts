import assert from "node:assert/strict";
import { PassThrough, Readable, Writable } from "node:stream";
import { describe, it } from "node:test";
import { pumpInput } from "../../../src/streaming/pump.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** What reaches a channel: each chunk as it is written, and the end with what was written with it. */
function channel() {
  const seen: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // A moment later it is known whether the channel was ended with this chunk.
      queueMicrotask(() => {
        const isLast = sink.writableEnded && sink.writableLength === chunk.length;
        seen.push(isLast ? `${chunk} and end` : String(chunk));
        done();
      });
    },
    final(done) {
      if (!seen.at(-1)?.endsWith("and end")) seen.push("end");
      done();
      resolve();
    },
  });
  return { sink, seen, ended };
}

describe("pumpInput", () => {
  it("ends the channel together with the last chunk", async () => {
    const { sink, seen, ended } = channel();
    pumpInput(Readable.from([Buffer.from("a"), Buffer.from("b"), Buffer.from("c")]), sink);
    await ended;
    assert.equal(seen.at(-1)?.endsWith("c and end"), true, seen.join(" | "));
    assert.equal(seen.join("").replace(" and end", ""), "abc");
  });

  it("ends it without a chunk where there is none", async () => {
    const { sink, seen, ended } = channel();
    pumpInput(Readable.from([]), sink);
    await ended;
    assert.deepEqual(seen, ["end"]);
  });

  it("ends it at once where the source has ended before", async () => {
    const source = Readable.from([]);
    source.resume();
    await new Promise((resolve) => source.once("end", resolve));
    const { sink, seen, ended } = channel();
    pumpInput(source, sink);
    await ended;
    assert.deepEqual(seen, ["end"]);
  });

  it("counts how long a last chunk is not taken, until it is", async () => {
    let take = () => {};
    const sink = new Writable({
      write: (_chunk, _encoding, done) => {
        take = done;
      },
    });
    const { waitedMs } = pumpInput(Readable.from([Buffer.from("all")]), sink);
    await waitUntil("it waits", () => sink.writableEnded && waitedMs() > 0);
    take();
    await waitUntil("it waits no more", () => waitedMs() === 0);
    assert.ok(sink.writableFinished);
  });

  for (const isTerminal of [false, true]) {
    it(`sends a chunk behind which nothing comes, ${isTerminal ? "typed" : "piped"}`, async () => {
      const { sink, seen, ended } = channel();
      const source = new PassThrough();
      pumpInput(source, sink, { isTerminal });
      for (const text of ["one", "two"]) {
        source.write(text);
        while (!seen.includes(text)) await new Promise((resolve) => setImmediate(resolve));
      }
      source.end();
      await ended;
      assert.deepEqual(seen, ["one", "two", "end"]);
    });
  }

  it("sends nothing more when it was stopped, and leaves the source open", async () => {
    const { sink, seen } = channel();
    const source = new PassThrough();
    const { stop } = pumpInput(source, sink);
    source.write("held");
    await new Promise((resolve) => setImmediate(resolve));
    stop();
    source.write("more");
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(
      seen.filter((text) => text !== "held"),
      [],
    );
    assert.equal(source.destroyed, false);
    assert.equal(sink.writableEnded, false);
  });
});
