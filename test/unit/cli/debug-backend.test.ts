import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../../src/cli/run-command.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  idFrom,
} from "../../support/fake-backend.ts";
import { memorySession } from "../../support/memory-session.ts";

async function debugged(words: readonly string[], contents: FakeContents) {
  const { session, out, err } = memorySession(fakeBackend(contents));
  const status = await runCommand(["--debug", ...words], session);
  return { status, out: out(), err: err() };
}

describe("--debug", () => {
  it("tells each request and answer on stderr, a line for each", async () => {
    const containers = [fakeContainer({ name: "web", id: idFrom("web"), createdAt: 2n ** 60n })];
    const { status, out, err } = await debugged(["ps", "-aq"], { containers });
    assert.deepEqual([status, out], [0, `${idFrom("web")}\n`]);
    const [request = "", answer = ""] = err.split("\n");
    assert.match(request, /^debug: ListContainersRequest \{/);
    assert.match(
      answer,
      /^debug: ListContainersResponse \{"containers":\[\{.*"createdAt":1152921504606846976/,
    );
  });

  it("tells no password", async () => {
    const answers = { pullImage: () => ({ imageRef: "sha256:1" }) };
    const words = ["pull", "--creds", "me:hunter22", "registry.example/app:1"];
    const { status, err } = await debugged(words, { answers });
    assert.equal(status, 0);
    assert.match(err, /debug: PullImageRequest .*registry\.example\/app:1/);
    assert.doesNotMatch(err, /hunter22/);
  });

  it("tells each message of a stream, and the length of bytes alone", async () => {
    const answers = {
      execSync: () => ({
        stdout: Buffer.from("secret output"),
        stderr: Buffer.alloc(0),
        exitCode: 0,
      }),
    };
    const containers = [fakeContainer({ name: "web", id: idFrom("web"), state: 1 })];
    const { out, err } = await debugged(["exec", "-s", "web", "id"], { containers, answers });
    assert.equal(out, "secret output");
    assert.match(err, /debug: ExecSyncResponse \{"stdout":"<13 bytes>"/);
    const events = { getContainerEvents: () => [{ containerId: "c1", containersStatuses: [] }] };
    const told = await debugged(["events", "-n", "1", "-o", "jsonl"], { answers: events });
    assert.match(told.err, /debug: GetContainerEventsResponse \{"containerId":"c1"/);
  });
});
