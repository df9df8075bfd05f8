import assert from "node:assert/strict";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { before, describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerConfig,
  CreateContainerRequest,
  ExecSyncRequest,
  ImageSpec,
  ListContainersRequest,
  ListImagesRequest,
  ListPodSandboxRequest,
  RunPodSandboxRequest,
  StatusRequest,
  StreamContainersRequest,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { fromJson } from "../../../src/cri/json/from-json.ts";
import { openRemote } from "../../../src/cri/remote-backend.ts";
import { StatusError } from "../../../src/errors/status-error.ts";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { startContainerd, type TestContainerd } from "../../support/containerd.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { run } from "../../support/run.ts";

const BUSYBOX = "localhost/wire-busybox:test";
const BUN = join(import.meta.dirname, "../../../node_modules/@oven/bun-linux-x64/bin/bun");

describe("the remote backend on a real containerd", () => {
  const cleanup = cleanupAfter();
  let containerd: TestContainerd;
  before(async () => {
    containerd = await startContainerd(cleanup);
    const { writeFile } = await import("node:fs/promises");
    const archive = join(containerd.directory, "busybox.tar");
    await writeFile(archive, dockerArchive(busyboxImage(), [BUSYBOX]));
    await containerd.importImage(archive);
  });

  const connect = async (options = "", transport?: "lean" | "grpc-js") => {
    const remote = await openRemote({
      runtimeEndpoint: `${containerd.endpoint}${options}`,
      connectTimeoutMs: 5000,
      maxRetries: 3,
      transport,
    });
    cleanup.add("close client", () => remote.close());
    return remote;
  };

  for (const api of ["v1", "v1alpha2"] as const) {
    it(`answers versions, status and lists as ${api}`, async () => {
      const { runtime, images } = await connect(`?api=${api}`);
      const version = await runtime.version({ version: "0.1.0" });
      assert.equal(version.runtimeName, "containerd");
      assert.equal(version.runtimeApiVersion, api);
      const { status } = await runtime.status(createMessage(StatusRequest));
      const ready = status?.conditions.find(({ type }) => type === "RuntimeReady");
      assert.equal(ready?.status, true);
      assert.deepEqual(
        (await runtime.listPodSandbox(createMessage(ListPodSandboxRequest))).items,
        [],
      );
      const { containers } = await runtime.listContainers(createMessage(ListContainersRequest));
      assert.deepEqual(containers, []);
      const listed = await images.listImages(createMessage(ListImagesRequest));
      assert.ok(listed.images.some(({ repoTags }) => repoTags.includes(BUSYBOX)));
      const [usage] = (await images.imageFsInfo({})).imageFilesystems;
      assert.ok(usage !== undefined && usage.timestamp > 0n);
    });

    it(`runs a container and talks to it as ${api}`, async () => {
      const remote = await connect(`?api=${api}`);
      const { runtime } = remote;
      const sandbox = fromJson("PodSandboxConfig", {
        metadata: { name: `wire-${api}`, uid: api, namespace: "default" },
        linux: { security_context: { namespace_options: { network: "NODE" } } },
      });
      const { podSandboxId } = await runtime.runPodSandbox(
        createMessage(RunPodSandboxRequest, { config: sandbox }),
      );
      const config = createMessage(ContainerConfig, {
        metadata: { name: "main", attempt: 0 },
        image: createMessage(ImageSpec, { image: BUSYBOX }),
        command: ["/bin/sleep", "600"],
        envs: [{ key: "GREETING", value: Buffer.from("höi") }],
        mounts: [],
      });
      const { containerId } = await runtime.createContainer(
        createMessage(CreateContainerRequest, { podSandboxId, config, sandboxConfig: sandbox }),
      );
      await runtime.startContainer({ containerId });
      const cmd = ["/bin/sh", "-c", "echo $GREETING; echo no >&2; exit 7"];
      const sync = await runtime.execSync(createMessage(ExecSyncRequest, { containerId, cmd }));
      assert.equal(Buffer.from(sync.stdout).toString(), "höi\n");
      assert.equal(Buffer.from(sync.stderr).toString(), "no\n");
      assert.equal(sync.exitCode, 7);
      const large = ["/bin/sh", "-c", "dd if=/dev/zero bs=1048576 count=12 2>/dev/null"];
      const { stdout: zeros } = await runtime.execSync(
        createMessage(ExecSyncRequest, { containerId, cmd: large }),
      );
      assert.equal(zeros.length, 12 * 1024 * 1024);

      const stdout = new PassThrough();
      const request = { containerId, cmd, tty: false, stdin: false, stdout: true, stderr: true };
      const { signal } = new AbortController();
      const ended = await remote.streams.exec(request, { stdout, signal });
      assert.equal(ended.exitCode, 7);
      assert.equal(String(stdout.read()), "höi\n");
      const overrides = { user: "nobody" };
      await assert.rejects(remote.streams.exec({ ...request, overrides }, { signal }), {
        code: "Unimplemented",
      });

      const { status } = await runtime.containerStatus({ containerId, verbose: false });
      assert.equal(status?.metadata?.name, "main");
      assert.deepEqual(status?.mounts, []);
      await runtime.stopContainer({ containerId, timeout: 0n });
      await runtime.removeContainer({ containerId });
      await runtime.stopPodSandbox({ podSandboxId });
      await runtime.removePodSandbox({ podSandboxId });
    });
  }

  it("names what is not there", async () => {
    const { runtime } = await connect();
    await assert.rejects(
      runtime.containerStatus({ containerId: "nope", verbose: false }),
      (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, "NotFound");
        assert.doesNotMatch(error.message, /rpc error/);
        return true;
      },
    );
  });

  it("takes 14 MiB in one request", async () => {
    for (const transport of ["lean", "grpc-js"] as const) {
      const { runtime } = await connect("", transport);
      const version = "x".repeat(14 * 1024 * 1024);
      assert.equal((await runtime.version({ version })).runtimeName, "containerd");
    }
  });

  it("is told the same by the lean and the grpc-js transport", async () => {
    const told = [];
    for (const transport of ["lean", "grpc-js"] as const) {
      const { runtime, images } = await connect("", transport);
      const calls = [
        runtime.version({ version: "" }),
        runtime.listContainers(createMessage(ListContainersRequest)),
        // containerd lists in no order of its own.
        images
          .listImages(createMessage(ListImagesRequest))
          .then((answer) => answer.images.toSorted((a, b) => a.id.localeCompare(b.id))),
        runtime.containerStatus({ containerId: "", verbose: false }),
        runtime.containerStatus({ containerId: "nope äöü %41", verbose: true }),
        runtime.execSync(createMessage(ExecSyncRequest, { containerId: "nope", cmd: ["true"] })),
        runtime.runPodSandbox(createMessage(RunPodSandboxRequest)),
        images.pullImage({ image: undefined, auth: undefined, sandboxConfig: undefined }),
        runtime.runtimeConfig({}),
      ];
      told.push(
        (await Promise.allSettled(calls)).map((settled) => {
          if (settled.status === "fulfilled") return settled.value;
          const { code, message, hint } = settled.reason;
          return { code, message, hint };
        }),
      );
    }
    assert.deepEqual(told[0], told[1]);
  });

  it("answers Unimplemented for calls that containerd 1.6 does not know, and goes on", async () => {
    const { runtime } = await connect();
    await assert.rejects(runtime.runtimeConfig({}), { code: "Unimplemented" });
    await assert.rejects(
      async () => {
        for await (const _ of runtime.streamContainers(createMessage(StreamContainersRequest)))
          break;
      },
      { code: "Unimplemented" },
    );
    assert.equal((await runtime.version({ version: "0.1.0" })).runtimeApiVersion, "v1");
  });

  it("finds a daemon again that was restarted", async () => {
    const remote = await connect();
    const { runtime } = remote;
    const old = await runtime.version({ version: "0.1.0" });
    await containerd.restart();
    assert.deepEqual(await runtime.version({ version: "0.1.0" }), old);
    await remote.close();
  });

  it("works on Bun", async () => {
    const program = `
      import { openRemote } from ${JSON.stringify(join(import.meta.dirname, "../../../src/cri/remote-backend.ts"))};
      const remote = await openRemote({
        runtimeEndpoint: ${JSON.stringify(`${containerd.endpoint}?api=v1alpha2`)},
        connectTimeoutMs: 5000,
        maxRetries: 3,
      });
      const { runtimeName, runtimeApiVersion } = await remote.runtime.version({ version: "0.1.0" });
      const { images } = await remote.images.listImages({ filter: undefined });
      console.log(runtimeName, runtimeApiVersion, images.length > 0);
      await remote.close();`;
    const { stdout, stderr, status } = await run(BUN, ["--eval", program]);
    assert.equal(`${stdout}${stderr}`, "containerd v1alpha2 true\n");
    assert.equal(status, 0);
  });
});
