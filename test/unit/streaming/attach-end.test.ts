import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import { AttachRequest } from "../../../src/cri/gen/runtime/v1/api.ts";
import { dialAttach } from "../../../src/streaming/dial-attach.ts";
import { dialExec } from "../../../src/streaming/dial-exec.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { data, ERROR, STDERR, STDOUT, startSpdyServer } from "../../support/spdy-server.ts";
import { collector } from "./collector.ts";
import { execRequest } from "./exec-request.ts";

/** Either of them under way, with its streams open. */
async function start(cleanup: Cleanup, what: "attach" | "exec") {
  const server = await startSpdyServer(cleanup);
  const [stdout, stderr] = [collector(), collector()];
  const io = { stdout: stdout.sink, stderr: stderr.sink, signal: AbortSignal.timeout(10_000) };
  const outputs = { stdout: true, stderr: true };
  const running =
    what === "attach"
      ? dialAttach(server.url, createMessage(AttachRequest, outputs), io)
      : dialExec(server.url, execRequest([]), io);
  running.catch(() => {});
  const peer = await server.accept();
  await peer.open();
  return { running, peer, stdout, stderr };
}

describe("the end of an attach", () => {
  const cleanup = cleanupAfter();

  it("is that of all output, where the server closes before the status has arrived", async () => {
    const { running, peer, stdout, stderr } = await start(cleanup, "attach");
    peer.say(data(STDOUT, "out", true), data(STDERR, "err", true));
    await peer.roundTrip();
    peer.socket.resetAndDestroy();
    await running;
    assert.equal(stdout.text(), "out");
    assert.equal(stderr.text(), "err");
  });

  it("is a failure while an output goes on", async () => {
    const { running, peer, stdout } = await start(cleanup, "attach");
    peer.say(data(STDOUT, "out", true), data(STDERR, "err"));
    await peer.roundTrip();
    peer.socket.destroy();
    await assert.rejects(running, { code: "Unavailable" });
    assert.equal(stdout.text(), "out");
  });

  it("is what the status says where there is one", async () => {
    const { running, peer } = await start(cleanup, "attach");
    const message = "error attaching to container: it is gone";
    const status = { status: "Failure", message, reason: "InternalError", code: 500 };
    peer.say(data(STDOUT, "", true), data(STDERR, "", true));
    peer.say(data(ERROR, JSON.stringify(status), true));
    await assert.rejects(running, { code: "Unknown", message });
  });

  it("is not that of an exec, whose status says how the command ended", async () => {
    const { running, peer } = await start(cleanup, "exec");
    peer.say(data(STDOUT, "", true), data(STDERR, "", true));
    await peer.roundTrip();
    peer.socket.destroy();
    await assert.rejects(running, { code: "Unavailable" });
  });
});
