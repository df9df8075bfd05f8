import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runAsCrictl } from "../../../src/cli/crictl/run-as-crictl.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import {
  type FakeContents,
  fakeBackend,
  fakeContainer,
  fakeImage,
  fakePod,
} from "../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../support/memory-session.ts";

const web = fakePod({ name: "web" });
const app = fakeContainer({ name: "app", podSandboxId: web.id, state: 1 });
const node: FakeContents = { pods: [web], containers: [app] };

async function crictl(words: readonly string[], contents: FakeContents = node) {
  const backend = fakeBackend(contents);
  const { session, out, err } = memorySession(backend);
  const status = await runAsCrictl(words, session);
  return { status, out: out(), err: err(), calls: backend.calls };
}

describe("crish under the name crictl", () => {
  it("prints help, with status 0, where no command is named, and where arguments do not fit", async () => {
    for (const words of [
      [],
      ["help"],
      ["--help"],
      ["rm"],
      ["logs"],
      ["create", "a", "b", "c", "d"],
      ["runp"],
    ]) {
      const { status, out, err } = await crictl(words);
      assert.deepEqual([status, err], [0, ""], words.join(" "));
      assert.match(out, /USAGE|COMMANDS/, words.join(" "));
    }
  });

  it("says what is missing where crictl does", async () => {
    const { status, out, err } = await crictl(["start"]);
    assert.deepEqual([status, out], [1, ""]);
    assert.match(err, /^time="[^"]+Z" level=error msg="ID cannot be empty"\n$/);
  });

  it("has its version and its word for an unknown command", async () => {
    for (const words of [["--version"], ["-v"]]) {
      assert.match((await crictl(words)).out, /^crictl version v1\.\d+\.\d+\+crish\S+\n$/);
    }
    const { status, err } = await crictl(["frobnicate"]);
    assert.deepEqual([status, err], [3, "No help topic for 'frobnicate'\n"]);
  });

  it("ends with 1 for every failure, and tells it as crictl's log does", async () => {
    const missing = await crictl(["inspect", "nothing"]);
    assert.deepEqual([missing.status, missing.out], [1, ""]);
    assert.match(
      missing.err,
      /level=error msg="rpc error: code = NotFound desc = container \\"nothing\\" not found"/,
    );
    const wrong = await crictl(["ps", "--nope"]);
    assert.equal(wrong.status, 1);
    assert.doesNotMatch(wrong.err, /rpc error|hint/);
  });

  it("tells it in short on a terminal", async () => {
    const chunks: string[] = [];
    const { session } = memorySession(fakeBackend(node), {
      stderr: memoryOutput(chunks, { isTty: true }),
    });
    assert.equal(await runAsCrictl(["inspect", "nothing"], session), 1);
    assert.match(chunks.join(""), /^ERRO\[0000\] rpc error: code = NotFound/);
  });

  it("takes no flags behind the first argument", async () => {
    const { status, err } = await crictl(["inspect", app.id, "-o", "yaml"]);
    assert.equal(status, 1);
    assert.match(err, /container \\"-o\\" not found/);
    const before = await crictl(["inspect", "-o", "yaml", app.id]);
    assert.deepEqual([before.status, before.err], [0, ""]);
  });

  it("kills at once, asks nothing, and loses the status of exec", async () => {
    const many = [app, fakeContainer({ name: "db", state: 1 })];
    const asked: string[] = [];
    const backend = fakeBackend({ ...node, containers: many });
    const { session } = memorySession(backend, {
      stdin: memoryInput({ isTty: true }),
      stderr: memoryOutput([], { isTty: true }),
      confirm: async (question) => {
        asked.push(question);
        return false;
      },
    });
    assert.equal(await runAsCrictl(["stop", ...many.map(({ id }) => id)], session), 0);
    assert.deepEqual(asked, []);
    assert.deepEqual(
      backend.calls
        .filter((call) => call.startsWith("stopContainer"))
        .map((call) => /"timeout":"?0/.test(call)),
      [true, true],
    );
    const grace = await crictl(["stop", "-t", "7", app.id]);
    assert.match(grace.calls.join(), /"timeout":"?7/);
  });

  it("passes a -- behind the container on to exec, and takes -e for --ignore-errors", async () => {
    const answers = {
      execSync: ({ cmd }: { cmd: string[] }) => ({
        stdout: Buffer.from(cmd.join(" ")),
        stderr: Buffer.from("!"),
        exitCode: 3,
      }),
    };
    const lost = await crictl(["exec", "-s", app.id, "--", "ls"], { ...node, answers });
    assert.deepEqual([lost.status, lost.out], [1, "-- ls!"]);
    assert.match(lost.err, /^time="\S+" level=error msg="command terminated with exit code 3"\n$/);
    const ignored = await crictl(["exec", "-s", "-e", app.id, "ls"], { ...node, answers });
    assert.equal(ignored.status, 0);
  });

  it("removes an image with all of its tags", async () => {
    const image = fakeImage({ repoTags: ["a.io/x:1", "a.io/x:2"] });
    const { status, out } = await crictl(["rmi", "a.io/x:1"], { images: [image] });
    assert.deepEqual([status, out], [0, "Deleted: a.io/x:1\nDeleted: a.io/x:2\n"]);
  });

  it("has no runtime of its own in place of one that does not answer", async () => {
    const { session, err } = memorySession(fakeBackend(node));
    const seen: unknown[] = [];
    const backends = {
      open: async (options: { mayBeEmbedded?: boolean }) => {
        seen.push(options.mayBeEmbedded);
        throw new StatusError("Unavailable", "no CRI socket answers");
      },
      close: async () => {},
    };
    assert.equal(await runAsCrictl(["ps"], { ...session, backends }), 1);
    assert.deepEqual(seen, [false]);
    assert.match(err(), /code = Unavailable/);
  });

  it("completes itself", async () => {
    const { out } = await crictl(["completion", "bash"]);
    assert.match(out, /_crictl_complete crictl/);
    assert.doesNotMatch(out, /crish/);
  });
});
