import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openRemote } from "../../../../src/cri/remote-backend.ts";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { crish } from "../../../support/crish.ts";
import {
  answer,
  type FrameServer,
  settingsFrame,
  startFrameServer,
} from "../../../support/frame-server.ts";

/** A VersionResponse whose runtime has the name `x` and the version `1`. */
const VERSION = Buffer.from("\x0a\x050.1.0\x12\x01x\x1a\x011\x22\x02v1", "latin1");

/** Answers one call and says who made it. */
async function caller(server: FrameServer): Promise<string> {
  const connection = await server.accept();
  connection.send(settingsFrame());
  const { streamId, headers } = await connection.request();
  connection.send(answer(streamId, VERSION));
  return headers["user-agent"] ?? "";
}

describe("the choice of the gRPC client", () => {
  const cleanup = cleanupAfter();
  const CHOICES = [
    ["unix", undefined, /^crish$/],
    ["unix", "lean", /^crish$/],
    ["unix", "grpc-js", /^grpc-node-js/],
    ["tcp", undefined, /^grpc-node-js/],
    ["tcp", "lean", /^crish$/],
    ["tcp", "grpc-js", /^grpc-node-js/],
  ] as const;

  for (const [on, transport, expected] of CHOICES) {
    const who = expected.source.includes("node") ? "grpc-js" : "lean";
    it(`is ${who} on ${on} where ${transport ?? "nothing"} is asked for`, async () => {
      const server = await startFrameServer(cleanup, on);
      const remote = await openRemote({
        runtimeEndpoint: server.endpoint,
        connectTimeoutMs: 20_000,
        maxRetries: 0,
        transport,
      });
      cleanup.add("close client", () => remote.close());
      const answered = remote.runtime.version({ version: "" });
      assert.match(await caller(server), expected);
      assert.equal((await answered).runtimeName, "x");
    });
  }

  for (const transport of ["lean", "grpc-js"]) {
    it(`is ${transport} on the command line with --transport ${transport}`, async () => {
      const server = await startFrameServer(cleanup);
      const ended = crish(["-r", server.endpoint, "--transport", transport, "version"]);
      assert.match(await caller(server), transport === "lean" ? /^crish$/ : /^grpc-node-js/);
      const { stdout, status } = await ended;
      assert.match(stdout, /x/);
      assert.equal(status, 0);
    });
  }

  it("is refused on the command line where there is no such client", async () => {
    const { stderr, status } = await crish(["--transport", "quic", "version"]);
    assert.match(stderr, /--transport/);
    assert.match(stderr, /lean, grpc-js|lean or grpc-js/);
    assert.equal(status, 2);
  });
});
