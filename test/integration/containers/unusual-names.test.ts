import assert from "node:assert/strict";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { before, describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerConfig,
  ContainerState,
  ImageSpec,
  PodSandboxConfig,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { openEmbedded } from "../../../src/runtime/index.ts";
import { busyboxEntries } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { assertNothingLeaked, createEmbeddedRoot, SILENT } from "../../support/embedded-root.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { buildImage } from "../../support/image-builder.ts";
import type { TarEntry } from "../../support/tar-archive.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { waitUntil } from "../../support/wait-until.ts";

const IMAGE = "localhost/busybox:layers";
/** A few more than fit into the options of mount(2), by whatever names. */
const LAYERS = 131;
const PATH = "PATH=/bin";

describe("an image of many layers on a root with an unusual name", () => {
  const cleanup = cleanupAfter();
  let root: Awaited<ReturnType<typeof createEmbeddedRoot>>;
  let backend: Awaited<ReturnType<typeof openEmbedded>>;

  before(async () => {
    const directory = join(await temporaryDirectory(cleanup, "root"), "à la carte");
    // The state has neither comma (runc takes no such name of a namespace) nor colon.
    const rootName = `a,b:c\\d ${"long".repeat(20)}`;
    root = await createEmbeddedRoot(cleanup, { directory, rootName });
    backend = await openEmbedded({
      root: root.root,
      state: root.state,
      configFile: root.configFile,
      mode: "one-shot",
      log: SILENT,
    });
    cleanup.add("close the backend", () => backend.close());
    const layers = Array.from({ length: LAYERS - 1 }, (_, n): TarEntry[] => [
      { path: `layers/${n}`, data: `${n}` },
    ]);
    const image = buildImage({ layers: [busyboxEntries(), ...layers], config: { Env: [PATH] } });
    const imageStore = await backend.imageStore();
    await imageStore?.load(Readable.from([dockerArchive(image, [IMAGE])]), {});
  });

  it("runs, sees every layer, starts again as it was, and is removed without a trace", async () => {
    const logDirectory = join(root.root, "of the pod");
    await mkdir(logDirectory);
    const podSandboxId = await runPod(logDirectory);
    const run = async (attempt: number, logPath = `ö-${attempt}.log`): Promise<string> => {
      const config = createMessage(ContainerConfig, {
        metadata: { name: "ü", attempt },
        image: createMessage(ImageSpec, { image: IMAGE }),
        command: ["sh", "-c", "touch /written; ls /layers | wc -l; exec sleep 4740"],
        logPath,
      });
      const { containerId } = await backend.runtime.createContainer({
        podSandboxId,
        config,
        sandboxConfig: undefined,
      });
      await backend.runtime.startContainer({ containerId });
      return containerId;
    };
    await assert.rejects(run(0, "a:b.log"), { code: "InvalidArgument" });
    for (const attempt of [0, 1]) {
      const containerId = await run(attempt);
      const log = join(logDirectory, `ö-${attempt}.log`);
      await waitUntil("it has counted", async () => /F \d+\n/.test(await readFile(log, "utf8")));
      assert.match(await readFile(log, "utf8"), new RegExp(` stdout F ${LAYERS - 1}\n`));
      await rename(log, `${log}.1`);
      await backend.runtime.reopenContainerLog({ containerId });
      assert.equal(await readFile(log, "utf8"), "");
      const cmd = ["cat", "/layers/0"];
      const { stdout } = await backend.runtime.execSync({ containerId, cmd, timeout: 0n });
      assert.equal(Buffer.from(stdout).toString(), "0");
      const { stats } = await backend.runtime.containerStats({ containerId });
      assert.ok((stats?.writableLayer?.usedBytes?.value ?? 0n) > 0n);
      await backend.runtime.stopContainer({ containerId, timeout: 0n });
      const { status } = await backend.runtime.containerStatus({ containerId, verbose: false });
      assert.equal(status?.state, ContainerState.CONTAINER_EXITED);
      assert.equal(status?.logPath, log);
      await backend.runtime.removeContainer({ containerId });
    }
    await backend.runtime.stopPodSandbox({ podSandboxId });
    await backend.runtime.removePodSandbox({ podSandboxId });
    await assertNothingLeaked(root);
  });

  async function runPod(logDirectory: string): Promise<string> {
    const config = createMessage(PodSandboxConfig, {
      metadata: { name: "pod", uid: "1", namespace: "default", attempt: 0 },
      logDirectory,
    });
    const request = { config, runtimeHandler: "" };
    return (await backend.runtime.runPodSandbox(request)).podSandboxId;
  }
});
