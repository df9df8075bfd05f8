import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PodSandboxState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { recoverSandboxes } from "../../../src/runtime/sandboxes/recover-sandboxes.ts";
import { updateSandboxWithin } from "../../../src/runtime/sandboxes/sandbox-store.ts";
import { listPodSandbox } from "../../../src/runtime/services/sandbox-list.ts";
import { removePodSandbox } from "../../../src/runtime/services/sandbox-remove.ts";
import { runPodSandbox } from "../../../src/runtime/services/sandbox-run.ts";
import { stopPodSandbox } from "../../../src/runtime/services/sandbox-stop.ts";
import { startBackgroundProcess } from "../../support/background-process.ts";
import { createCleanup } from "../../support/cleanup.ts";
import { assertNothingLeaked } from "../../support/embedded-root.ts";
import { run } from "../../support/run.ts";
import { unmountBelow } from "../../support/unmount-below.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { openPodRoot, type PodRoot, podConfig } from "./pod-root.ts";

const DIE_WHILE = join(import.meta.dirname, "die-while.ts");

/** Works on after whoever started it was killed, until it may go on, and only then adds what it adds. */
const LINGERING = `
input=$(cat)
here=$(dirname "$0")
if [ "$CNI_COMMAND" = ADD ]; then
  touch "$here/started"
  until [ -e "$here/go" ]; do sleep 0.05; done
  touch "$here/finished"
  echo "$input" | sed -e 's/.*"prevResult":\\(.*\\)}$/\\1/'
fi
`;

describe("what a killed process has left of a pod", () => {
  const cleanup = createCleanup();
  let root: PodRoot;
  before(async () => {
    root = await openPodRoot(cleanup);
  });
  after(() => cleanup.run());

  const list = async () => (await listPodSandbox(root.engine, { filter: undefined })).items;
  const dieWhile = async (failpoint: string, verb: string, id = "") => {
    const { engine: _engine, ...plain } = root;
    const { status } = await run(process.execPath, [DIE_WHILE, JSON.stringify(plain), verb, id], {
      env: { ...process.env, CRISH_FAILPOINT: failpoint },
    });
    assert.equal(status, 137);
  };
  const runHere = async () =>
    (await runPodSandbox(root.engine, { config: podConfig(), runtimeHandler: "" })).podSandboxId;

  for (const failpoint of ["sandbox-run:intent", "sandbox-run:outcome"]) {
    test(`at ${failpoint} is not listed and is undone by the next one`, async () => {
      await dieWhile(failpoint, "run");
      assert.deepEqual(await list(), []);
      await recoverSandboxes(root.engine);
      await assertNothingLeaked(root);
    });
  }

  test("does not hold its name: the next pod of that name is run at once", async () => {
    await dieWhile("sandbox-run:outcome", "run");
    const podSandboxId = await runHere();
    await removePodSandbox(root.engine, { podSandboxId });
    await assertNothingLeaked(root);
  });

  for (const failpoint of ["sandbox-stop:intent", "sandbox-stop:outcome"]) {
    test(`at ${failpoint} is stopped to its end`, async () => {
      const id = await runHere();
      await dieWhile(failpoint, "stop", id);
      await recoverSandboxes(root.engine);
      const [pod] = await list();
      assert.deepEqual([pod?.id, pod?.state], [id, PodSandboxState.SANDBOX_NOTREADY]);
      await removePodSandbox(root.engine, { podSandboxId: id });
      await assertNothingLeaked(root);
    });
  }

  for (const failpoint of ["sandbox-remove:intent", "sandbox-remove:outcome"]) {
    test(`at ${failpoint} is removed to its end`, async () => {
      const id = await runHere();
      await dieWhile(failpoint, "remove", id);
      await recoverSandboxes(root.engine);
      assert.deepEqual(await list(), []);
      await assertNothingLeaked(root);
    });
  }

  test("belongs to its owner while that lives: a recovery beside it changes nothing", async () => {
    const running = runHere();
    await recoverSandboxes(root.engine);
    const podSandboxId = await running;
    assert.equal((await list())[0]?.state, PodSandboxState.SANDBOX_READY);
    await removePodSandbox(root.engine, { podSandboxId });
  });

  test("and then a reboot is NOTREADY, and stop and remove give back address and rules", async () => {
    const podSandboxId = await runHere();
    await pretendReboot(root, podSandboxId);
    assert.equal((await list())[0]?.state, PodSandboxState.SANDBOX_NOTREADY);
    await stopPodSandbox(root.engine, { podSandboxId });
    await removePodSandbox(root.engine, { podSandboxId });
    await assertNothingLeaked(root);
  });
});

describe("a plugin that outlives the process which started it", () => {
  const cleanup = createCleanup();
  let root: PodRoot;
  before(async () => {
    root = await openPodRoot(cleanup, { plugins: [{ type: "lingering", script: LINGERING }] });
  });
  after(() => cleanup.run());

  test("is waited for before the pod is undone", async () => {
    const marker = (name: string) => join(root.directory, "plugins", name);
    const { engine, ...plain } = root;
    const args = [DIE_WHILE, JSON.stringify(plain), "run"];
    const child = startBackgroundProcess(cleanup, process.execPath, args);
    await waitUntil("the plugin works", () => existsSync(marker("started")), { intervalMs: 5 });
    child.child.kill("SIGKILL");
    await child.ended;
    const recovering = recoverSandboxes(engine);
    // Time enough for a recovery that does not wait; one that waits has any.
    setTimeout(() => writeFileSync(marker("go"), ""), 500);
    await recovering;
    assert.equal(existsSync(marker("finished")), true);
    await assertNothingLeaked(root);
  });
});

/** What a reboot takes: the state directory, namespaces and veths, but no row. Rules stay for the test. */
async function pretendReboot(root: PodRoot, id: string): Promise<void> {
  await unmountBelow(root.state);
  rmSync(join(root.state, "sandboxes", id), { recursive: true });
  await root.engine.database.write((db) => updateSandboxWithin(db, id, { bootId: "before" }));
  await waitUntil("the veth is gone", async () => {
    const { stdout } = await run("ip", ["-o", "link", "show", "master", root.bridge]);
    return stdout === "";
  });
}
