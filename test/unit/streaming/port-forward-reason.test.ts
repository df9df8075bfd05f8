import assert from "node:assert/strict";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import { dialPortForward } from "../../../src/streaming/dial-port-forward.ts";
import type { SpdyFrame } from "../../../src/streaming/spdy/frame.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import {
  data,
  reply,
  reset,
  type SpdyPeer,
  startSpdyServer,
  switching,
} from "../../support/spdy-server.ts";

const [ERRORS, DATA] = [1, 3] as const;
const REASON = "error forwarding port 81: connection refused";

/** containerd ends a connection's data before it says why it has failed. */
describe("the reason why a forwarded connection failed", { timeout: 30_000 }, () => {
  const cleanup = cleanupAfter();

  async function connection(...frames: SpdyFrame[]): Promise<{ peer: SpdyPeer; far: Duplex }> {
    const server = await startSpdyServer(cleanup);
    const dialling = dialPortForward(server.url);
    const peer = await server.accept();
    await peer.request();
    peer.send(switching("portforward.k8s.io"));
    const session = await dialling;
    cleanup.add("close a session", () => session.close());
    const connecting = session.connect(81);
    for (const streamId of [ERRORS, DATA]) {
      assert.equal((await peer.next("syn-stream")).streamId, streamId);
    }
    peer.say(reply(ERRORS), reply(DATA), ...frames);
    return { peer, far: await connecting };
  }

  for (const [when, prepare] of [
    ["before a byte came", () => {}],
    ["after some", (peer: SpdyPeer) => peer.say(data(DATA, "half of it"))],
  ] as const) {
    it(`is told where it comes behind the end of the data, ${when}`, async () => {
      const { peer, far } = await connection();
      far.resume().on("end", () => assert.fail("it looked whole"));
      prepare(peer);
      peer.say(data(DATA, "", true));
      await peer.roundTrip();
      peer.say(data(ERRORS, REASON, true));
      const [error] = await once(far, "error");
      assert.ok(hasCode(error, "Unavailable"));
      assert.equal((error.cause as Error).message, REASON);
    });
  }

  it("is told where the end comes together with the consent", async () => {
    const { peer, far } = await connection(data(DATA, "", true));
    far.resume().on("end", () => assert.fail("it looked whole"));
    await peer.roundTrip();
    peer.say(data(ERRORS, REASON, true));
    const [error] = await once(far, "error");
    assert.equal(error.cause.message, REASON);
  });

  it("is told where the data is reset before it comes, and the reset where none does", async () => {
    const told = await connection(reset(DATA));
    told.far.resume().on("end", () => assert.fail("it looked whole"));
    await told.peer.roundTrip();
    told.peer.say(data(ERRORS, REASON, true));
    const [error] = await once(told.far, "error");
    assert.equal(error.cause.message, REASON);

    const untold = await connection(reset(DATA));
    untold.far.resume().on("end", () => assert.fail("it looked whole"));
    const [cut] = await once(untold.far, "error");
    assert.match(cut.message, /peer reset the stream/);
  });

  it("is told to a client that has ended its half before", async () => {
    const { peer, far } = await connection();
    far.resume().end("question");
    while ((await peer.next("data")).streamId !== DATA);
    peer.say(data(DATA, "", true));
    await peer.roundTrip();
    peer.say(data(ERRORS, REASON, true));
    const [error] = await once(far, "error");
    assert.equal(error.cause.message, REASON);
  });

  it("is not waited for where there is none", async () => {
    const { peer, far } = await connection();
    peer.say(data(ERRORS, "", true), data(DATA, "all of it", true));
    assert.equal(Buffer.concat(await far.toArray()).toString(), "all of it");
  });

  it("does not hold up an end for long where the other half goes on", async () => {
    const { peer, far } = await connection();
    peer.say(data(DATA, "all of it", true));
    await once(far.resume(), "end");
    far.end("still here");
    let frame = await peer.next("data");
    while (frame.streamId !== DATA) frame = await peer.next("data");
    assert.equal(frame.data.toString(), "still here");
  });
});
