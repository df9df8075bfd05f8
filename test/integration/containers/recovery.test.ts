import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { before, describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerState,
  PodSandboxConfig,
  PodSandboxState,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { readBootId } from "../../../src/host/process-identity.ts";
import { openEmbedded } from "../../../src/runtime/index.ts";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { crish, spawnCrish } from "../../support/crish.ts";
import { createEmbeddedRoot, type EmbeddedRoot, SILENT } from "../../support/embedded-root.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { killProcessesNaming } from "../../support/kill-processes-naming.ts";
import { processesNaming } from "../../support/processes-naming.ts";
import { removeCgroups } from "../../support/remove-cgroups.ts";
import { uniqueSeconds } from "../../support/unique.ts";
import { unmountBelow } from "../../support/unmount-below.ts";
import { waitUntil } from "../../support/wait-until.ts";

const IMAGE = "localhost/busybox:recovery";

describe("containers after the death of a crish", () => {
  const cleanup = cleanupAfter();
  let root: Awaited<ReturnType<typeof createEmbeddedRoot>>;
  let podSandboxId = "";

  const withBackend = async <T>(work: (backend: Backend) => Promise<T>): Promise<T> => {
    const backend = await openEmbedded({
      root: root.root,
      state: root.state,
      configFile: root.configFile,
      mode: "one-shot",
      log: SILENT,
    });
    return await work(backend).finally(() => backend.close());
  };
  type Backend = Awaited<ReturnType<typeof openEmbedded>>;

  before(async () => {
    root = await createEmbeddedRoot(cleanup);
    await withBackend(async (backend) => {
      const imageStore = await backend.imageStore();
      await imageStore?.load(Readable.from([dockerArchive(busyboxImage(), [IMAGE])]), {});
      const config = createMessage(PodSandboxConfig, {
        metadata: { name: "pod", uid: "1", namespace: "default", attempt: 0 },
      });
      const pod = await backend.runtime.runPodSandbox({ config, runtimeHandler: "" });
      podSandboxId = pod.podSandboxId;
    });
  });

  /** Runs one command that dies at the failpoint, as by kill -9. */
  async function dieAt(failpoint: string, ...args: string[]): Promise<void> {
    const { status } = await crish(args, { env: { ...root.env, CRISH_FAILPOINT: failpoint } });
    assert.equal(status, 137, `"${failpoint}" was not reached`);
  }

  async function createFiles(name: string): Promise<string[]> {
    const container = join(root.directory, `${name}.json`);
    const pod = join(root.directory, "pod.json");
    const image = { image: IMAGE };
    const fields = { metadata: { name }, image, command: ["sleep", "4720"] };
    await writeFile(container, JSON.stringify(fields));
    await writeFile(pod, JSON.stringify({ metadata: { name: "pod", uid: "1" } }));
    return ["create", podSandboxId, container, pod];
  }

  const list = () =>
    withBackend(
      async ({ runtime }) => (await runtime.listContainers({ filter: undefined })).containers,
    );

  for (const moment of ["intent", "outcome"]) {
    it(`undoes a creation that ended at its ${moment}`, async () => {
      await dieAt(`container-create:${moment}`, ...(await createFiles(`c-${moment}`)));
      assert.deepEqual(await list(), []);
      assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), rootfsBelow(root.state));
    });

    it(`knows what came of a start that ended at its ${moment}`, async () => {
      const { stdout } = await crish(await createFiles(`s-${moment}`), { env: root.env });
      const id = stdout.trim();
      await dieAt(`container-start:${moment}`, "start", id);
      const [container] = await list();
      const expected =
        moment === "intent" ? ContainerState.CONTAINER_CREATED : ContainerState.CONTAINER_RUNNING;
      assert.equal(container?.state, expected);
      await withBackend(({ runtime }) => runtime.removeContainer({ containerId: id }));
    });

    it(`completes a removal that ended at its ${moment}`, async () => {
      const { stdout } = await crish(await createFiles(`r-${moment}`), { env: root.env });
      const id = stdout.trim();
      await dieAt(`container-remove:${moment}`, "rm", "-f", id);
      assert.deepEqual(await list(), []);
      assert.ok(!existsSync(join(root.state, "containers", id)));
    });
  }

  it("ends the command of a synchronous exec, and its children, when its crish was killed", async () => {
    const { stdout } = await crish(await createFiles("exec"), { env: root.env });
    const id = stdout.trim();
    await crish(["start", id], { env: root.env });
    const seconds = uniqueSeconds();
    const script = `sleep ${seconds} & sleep ${seconds}`;
    const caller = spawnCrish(["exec", "--sync", id, "sh", "-c", script], { env: root.env });
    const sleeping = async () =>
      (await processesNaming(`sleep ${seconds}`)).filter(({ commandLine }) =>
        /^sleep/.test(commandLine),
      ).length;
    await waitUntil("the command and its child run", async () => (await sleeping()) === 2);
    caller.kill("SIGKILL");
    await once(caller, "exit");
    await list();
    assert.equal(await sleeping(), 0);
    await withBackend(({ runtime }) => runtime.removeContainer({ containerId: id }));
  });

  it("after a reboot containers are EXITED, 255, Unknown, and can be removed", async () => {
    const ids: string[] = [];
    for (const name of ["ran", "waited"]) {
      const { stdout } = await crish(await createFiles(name), { env: root.env });
      ids.push(stdout.trim());
    }
    await crish(["start", ids[0] ?? ""], { env: root.env });
    await reboot(root);
    await withBackend(async ({ runtime }) => {
      for (const containerId of ids) {
        const { status } = await runtime.containerStatus({ containerId, verbose: false });
        const { state, exitCode, reason } = status ?? {};
        const expected = {
          state: ContainerState.CONTAINER_EXITED,
          exitCode: 255,
          reason: "Unknown",
        };
        assert.deepEqual({ state, exitCode, reason }, expected);
        await assert.rejects(runtime.startContainer({ containerId }), {
          code: "FailedPrecondition",
        });
        await runtime.stopContainer({ containerId, timeout: 0n });
        await runtime.removeContainer({ containerId });
      }
      const pod = await runtime.podSandboxStatus({ podSandboxId, verbose: false });
      assert.equal(pod.status?.state, PodSandboxState.SANDBOX_NOTREADY);
      await runtime.removePodSandbox({ podSandboxId });
    });
  });
});

/** What a reboot takes: processes, cgroups, mounts and the state directory; and the boot ID is another. */
async function reboot(root: EmbeddedRoot): Promise<void> {
  await killProcessesNaming(root.state);
  await removeCgroups(root.cgroupParent);
  await unmountBelow(root.state);
  await rm(root.state, { recursive: true });
  const database = new DatabaseSync(join(root.root, "crish.db"), { timeout: 10_000 });
  for (const table of ["sandboxes", "containers"]) {
    database.exec(`UPDATE ${table} SET record = replace(record, '${readBootId()}', 'before')`);
  }
  database.close();
}

function rootfsBelow(state: string): RegExp {
  return new RegExp(`${state}/containers/[0-9a-f]+/rootfs`);
}
