import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli } from "../support/cli-target.ts";
import { crishCommand } from "../support/crish.ts";
import { run } from "../support/run.ts";

describe("a symbolic link named crictl", () => {
  const cleanup = cleanupAfter();
  let target: CliTarget;
  let crictl: string;
  let id: string;

  before(async () => {
    target = await containerdCli(cleanup);
    id = await target.runDetached("app", ["sleep", "9999"]);
    crictl = join(target.directory, "crictl");
    await symlink(crishCommand().command, crictl);
  });

  /** Runs it as a script on a node does. */
  const asScript = (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    run(crictl, [...words], { env: { ...process.env, ...target.env, ...env } });

  it("prints what scripts look for", async () => {
    assert.match((await asScript(["--version"])).stdout, /^crictl version v1\./);
    assert.match((await asScript(["version"])).stdout, /^RuntimeName: {2}containerd$/m);
    assert.equal((await asScript(["ps", "-q"])).stdout, `${id}\n`);
    const template = ["-o", "go-template", "--template", "{{.status.state}}"];
    const state = await asScript(["inspect", ...template, id]);
    assert.equal(state.stdout, "CONTAINER_RUNNING\n");
    const missing = await asScript(["inspect", "nothing"]);
    assert.deepEqual([missing.status, missing.stdout], [1, ""]);
    assert.match(missing.stderr, /^time="\S+" level=error msg="rpc error: code = NotFound desc = /);
  });

  it("ends as crictl does", async () => {
    const failed = await asScript(["exec", id, "sh", "-c", "exit 7"]);
    assert.equal(failed.status, 1);
    // Where the status is lost, this is what scripts know it by.
    assert.match(
      failed.stderr,
      /^time="\S+" level=error msg="command terminated with exit code 7"$/m,
    );
    const missing = await asScript(["exec", id, "no-such-program"]);
    assert.equal(missing.status, 1);
    assert.equal(missing.stderr.trimEnd().split("\n").length, 1);
    assert.equal((await asScript(["exec", id, "true"])).status, 0);
    assert.equal((await asScript(["frobnicate"])).status, 3);
    assert.deepEqual([(await asScript(["rm"])).status, (await asScript([])).status], [0, 0]);
    const nowhere = { CONTAINER_RUNTIME_ENDPOINT: "unix:///nowhere.sock" };
    assert.equal((await asScript(["ps"], nowhere)).status, 1);
  });
});
