import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { before, describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  Capability,
  ContainerConfig,
  type ContainerStatus,
  LinuxContainerConfig,
  LinuxContainerSecurityContext,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  Mount,
  MountPropagation,
  NamespaceMode,
  NamespaceOption,
  PodSandboxConfig,
  SecurityProfile_ProfileType as ProfileType,
  SecurityProfile,
  SupplementalGroupsPolicy,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { openEmbedded } from "../../../src/runtime/index.ts";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { createEmbeddedRoot, SILENT } from "../../support/embedded-root.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { runOk } from "../../support/run.ts";
import { unmountBelow } from "../../support/unmount-below.ts";

const IMAGE = "localhost/busybox:security";
const { PROPAGATION_PRIVATE, PROPAGATION_HOST_TO_CONTAINER, PROPAGATION_BIDIRECTIONAL } =
  MountPropagation;

describe("what a container may do and see", () => {
  const cleanup = cleanupAfter();
  let root: Awaited<ReturnType<typeof createEmbeddedRoot>>;
  let backend: Awaited<ReturnType<typeof openEmbedded>>;
  let podSandboxId = "";
  let attempt = 0;

  before(async () => {
    root = await createEmbeddedRoot(cleanup);
    backend = await openEmbedded({ ...root, mode: "one-shot", log: SILENT });
    cleanup.add("close the backend", () => backend.close());
    const imageStore = await backend.imageStore();
    await imageStore?.load(Readable.from([dockerArchive(imageWithSetuid(), [IMAGE])]), {});
    const securityContext = createMessage(LinuxSandboxSecurityContext, { privileged: true });
    podSandboxId = await runPod({ securityContext });
  });

  async function runPod(linux: Partial<LinuxPodSandboxConfig>): Promise<string> {
    attempt += 1;
    const name = `pod-${attempt}`;
    const config = createMessage(PodSandboxConfig, {
      metadata: { name, uid: name, namespace: "default", attempt: 0 },
      linux: createMessage(LinuxPodSandboxConfig, linux),
    });
    return (await backend.runtime.runPodSandbox({ config, runtimeHandler: "" })).podSandboxId;
  }

  async function create(
    security: Partial<LinuxContainerSecurityContext>,
    fields: Partial<ContainerConfig> & { pod?: string } = {},
  ): Promise<string> {
    const { pod = podSandboxId, ...rest } = fields;
    attempt += 1;
    const config = createMessage(ContainerConfig, {
      metadata: { name: "c", attempt },
      image: {
        image: IMAGE,
        annotations: {},
        userSpecifiedImage: "",
        runtimeHandler: "",
        imageRef: "",
      },
      command: ["sleep", "1000"],
      linux: createMessage(LinuxContainerConfig, {
        securityContext: createMessage(LinuxContainerSecurityContext, {
          namespaceOptions: createMessage(NamespaceOption, { pid: NamespaceMode.CONTAINER }),
          ...security,
        }),
      }),
      ...rest,
    });
    const request = { podSandboxId: pod, config, sandboxConfig: undefined };
    return (await backend.runtime.createContainer(request)).containerId;
  }

  async function run(...args: Parameters<typeof create>): Promise<string> {
    const containerId = await create(...args);
    await backend.runtime.startContainer({ containerId });
    return containerId;
  }

  async function exec(containerId: string, script: string) {
    const cmd = ["sh", "-c", script];
    const { stdout, stderr, exitCode } = await backend.runtime.execSync({
      containerId,
      cmd,
      timeout: 20n,
    });
    return { stdout: text(stdout), stderr: text(stderr), exitCode };
  }

  /** What the script does in a container of that security context. */
  async function inside(security: Partial<LinuxContainerSecurityContext>, script: string) {
    const containerId = await run(security);
    const outcome = await exec(containerId, script);
    await backend.runtime.removeContainer({ containerId });
    return outcome;
  }

  async function statusOf(containerId: string): Promise<ContainerStatus> {
    const { status } = await backend.runtime.containerStatus({ containerId, verbose: true });
    assert.ok(status);
    return status;
  }

  it("has the pod's sysctls in force", async () => {
    const sysctls = { "kernel.shm_rmid_forced": "1", "fs.mqueue.msg_max": "100" };
    const id = await run({}, { pod: await runPod({ sysctls }) });
    const { stdout } = await exec(
      id,
      "cat /proc/sys/kernel/shm_rmid_forced /proc/sys/fs/mqueue/msg_max",
    );
    assert.equal(stdout, "1\n100\n");
  });

  describe("groups", () => {
    const wish = {
      runAsUser: { value: 1001n },
      runAsGroup: { value: 1002n },
      supplementalGroups: [1234n],
    };

    it("Merge adds those of the image, Strict leaves them out; init, exec and status agree", async () => {
      for (const [policy, groups] of [
        [SupplementalGroupsPolicy.Merge, [1002n, 1234n, 50000n]],
        [SupplementalGroupsPolicy.Strict, [1002n, 1234n]],
      ] as const) {
        const id = await run({ ...wish, supplementalGroupsPolicy: policy });
        assert.deepEqual((await statusOf(id)).user?.linux, {
          uid: 1001n,
          gid: 1002n,
          supplementalGroups: groups,
        });
        const { stdout } = await exec(id, "grep Groups: /proc/1/status /proc/self/status; id -G");
        assert.equal(stdout.split("\n")[2], groups.join(" "));
        const lines = stdout
          .split("\n")
          .slice(0, 2)
          .map((line) => line.split("Groups:")[1]?.trim());
        assert.deepEqual(lines, [groups.join(" "), groups.join(" ")]);
      }
    });
  });

  describe("seccomp", () => {
    const profile = (profileType: ProfileType, localhostRef = "") =>
      createMessage(SecurityProfile, { profileType, localhostRef });
    const sysAdmin = createMessage(Capability, { addCapabilities: ["SYS_ADMIN"] });
    let refusing = "";

    before(async () => {
      refusing = join(root.directory, "refusing.json");
      const names = ["chmod", "fchmodat", "fchmod", "sethostname"];
      const syscalls = [{ names, action: "SCMP_ACT_ERRNO" }];
      await writeFile(refusing, JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls }));
    });

    it("a profile on disk refuses what it names", async () => {
      const seccomp = profile(ProfileType.Localhost, refusing);
      const { stderr, exitCode } = await inside({ seccomp }, "touch /tmp/x && chmod 400 /tmp/x");
      assert.match(stderr, /Operation not permitted/);
      assert.equal(exitCode, 1);
    });

    it("a profile that is not there fails the creation", async () => {
      const seccomp = profile(ProfileType.Localhost, join(root.directory, "none.json"));
      await assert.rejects(create({ seccomp }), { code: "NotFound" });
    });

    it("unconfined with SYS_ADMIN sets the hostname; a profile wins over the capability", async () => {
      const script = "hostname changed && hostname";
      const unconfined = { seccomp: profile(ProfileType.Unconfined), capabilities: sysAdmin };
      assert.equal((await inside(unconfined, script)).stdout, "changed\n");
      const seccomp = profile(ProfileType.Localhost, refusing);
      assert.equal((await inside({ seccomp, capabilities: sysAdmin }, script)).exitCode, 1);
    });

    it("a privileged container has none, whatever it asks for", async () => {
      const seccomp = profile(ProfileType.Localhost, refusing);
      const { stdout } = await inside(
        { privileged: true, seccomp },
        "grep Seccomp: /proc/1/status",
      );
      assert.match(stdout, /\t0$/m);
    });
  });

  it("no_new_privs keeps a setuid-root program from becoming root, and only that", async () => {
    for (const noNewPrivs of [true, false]) {
      const security = { runAsUser: { value: 1001n }, noNewPrivs };
      const { stderr } = await inside(security, "/bin/su -c true < /dev/null");
      assert.equal(/must be suid/.test(stderr), noNewPrivs, stderr);
    }
  });

  it("a masked program cannot be read or run, its other names can", async () => {
    const { stderr, stdout } = await inside(
      { maskedPaths: ["/bin/su"] },
      "/bin/su; /bin/busybox echo whole",
    );
    assert.match(stderr, /\/bin\/su: Permission denied/);
    assert.equal(stdout, "whole\n");
  });

  it("privileges of the network come with NET_ADMIN or privileged, and go with NET_RAW", async () => {
    const bridge = "brctl addbr br9 && echo made";
    const withCapabilities = (fields: Partial<Capability>) => ({
      capabilities: createMessage(Capability, fields),
    });
    assert.equal((await inside({}, bridge)).stdout, "");
    const added = withCapabilities({ addCapabilities: ["NET_ADMIN"] });
    assert.equal((await inside(added, `${bridge}; brctl delbr br9`)).stdout, "made\n");
    assert.equal(
      (await inside({ privileged: true }, `${bridge}; brctl delbr br9`)).stdout,
      "made\n",
    );
    const dropped = withCapabilities({ dropCapabilities: ["NET_RAW"] });
    assert.match((await inside(dropped, "ping -c 1 127.0.0.1")).stderr, /permission denied/i);
  });

  describe("mounts", () => {
    /** A directory that is a mount of its own, shared with whoever has it. */
    async function sharedDirectory(): Promise<string> {
      const directory = await mkdtemp(join(root.directory, "shared-"));
      await runOk("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]);
      cleanup.add(`unmount ${directory}`, () => unmountBelow(directory));
      await runOk("mount", ["--make-rshared", directory]);
      await mkdir(join(directory, "of-host"));
      await mkdir(join(directory, "of-container"));
      return directory;
    }

    const mountAt = (hostPath: string, fields: Partial<Mount>) => [
      createMessage(Mount, { hostPath, containerPath: "/data", ...fields }),
    ];

    for (const [name, propagation, toContainer, toHost] of [
      ["private: mounts cross neither way", PROPAGATION_PRIVATE, false, false],
      [
        "host to container: only the host's mounts cross",
        PROPAGATION_HOST_TO_CONTAINER,
        true,
        false,
      ],
      ["bidirectional: mounts cross both ways", PROPAGATION_BIDIRECTIONAL, true, true],
    ] as const) {
      it(`${name}, and the status tells`, async () => {
        const directory = await sharedDirectory();
        const mounts = mountAt(directory, { propagation });
        const id = await run({ privileged: true }, { mounts });
        assert.deepEqual(
          (await statusOf(id)).mounts.map((mount) => mount.propagation),
          [propagation],
        );
        await runOk("mount", ["-t", "tmpfs", "from-host", join(directory, "of-host")]);
        await exec(id, "mount -t tmpfs from-container /data/of-container");
        const seenInside = (await exec(id, "cat /proc/mounts")).stdout.includes("from-host");
        const seenOutside = (await runOk("cat", ["/proc/mounts"])).stdout.includes(
          `from-container ${directory}`,
        );
        assert.deepEqual(
          { seenInside, seenOutside },
          { seenInside: toContainer, seenOutside: toHost },
        );
        await backend.runtime.removeContainer({ containerId: id });
      });
    }

    it("bidirectional needs a shared mount on the host, and is refused without", async () => {
      const directory = await sharedDirectory();
      await runOk("mount", ["--make-rprivate", directory]);
      for (const propagation of [PROPAGATION_BIDIRECTIONAL, PROPAGATION_HOST_TO_CONTAINER]) {
        const mounts = mountAt(directory, { propagation });
        await assert.rejects(create({ privileged: true }, { mounts }), {
          code: "InvalidArgument",
          message: /is not .*shared/,
        });
      }
    });

    it("read-only leaves what is mounted below it writable, recursive read-only does not", async () => {
      const features = (await backend.runtime.status({ verbose: false })).runtimeHandlers[0]
        ?.features;
      for (const recursiveReadOnly of [false, true]) {
        const directory = await sharedDirectory();
        await runOk("mount", ["-t", "tmpfs", "below", join(directory, "of-host")]);
        const mounts = mountAt(directory, { readonly: true, recursiveReadOnly });
        if (recursiveReadOnly && features?.recursiveReadOnlyMounts !== true) {
          await assert.rejects(create({}, { mounts }), { code: "InvalidArgument" });
          continue;
        }
        const id = await run({}, { mounts });
        assert.equal((await statusOf(id)).mounts.length, 1);
        const above = await exec(id, "touch /data/x");
        assert.match(above.stderr, /Read-only file system/);
        const below = await exec(id, "touch /data/of-host/x");
        assert.equal(below.exitCode, recursiveReadOnly ? 1 : 0, below.stderr);
        await backend.runtime.removeContainer({ containerId: id });
      }
    });

    it("an image as a mount is refused cleanly", async () => {
      const image = {
        image: IMAGE,
        annotations: {},
        userSpecifiedImage: "",
        runtimeHandler: "",
        imageRef: "",
      };
      const mounts = [createMessage(Mount, { image, containerPath: "/data", readonly: true })];
      await assert.rejects(create({}, { mounts }), { code: "Unimplemented" });
    });
  });

  it("refuses user namespaces that cannot be, and those that can cleanly", async () => {
    const options = (
      mode: NamespaceMode,
      ids: { hostId: number; containerId: number; length: number }[],
    ) =>
      runPod({
        securityContext: createMessage(LinuxSandboxSecurityContext, {
          namespaceOptions: createMessage(NamespaceOption, {
            usernsOptions: { mode, uids: ids, gids: ids },
          }),
        }),
      });
    const whole = { hostId: 100_000, containerId: 0, length: 65_536 };
    const second = { hostId: 200_000, containerId: 70_000, length: 10 };
    for (const call of [
      () => options(NamespaceMode.POD, [whole, second]),
      () => options(NamespaceMode.POD, [{ ...whole, containerId: 1 }]),
      () => options(NamespaceMode.CONTAINER, [whole]),
      () => options(NamespaceMode.TARGET, [whole]),
    ]) {
      await assert.rejects(call, { code: "InvalidArgument" });
    }
    await assert.rejects(options(NamespaceMode.POD, [whole]), { code: "Unimplemented" });
    const id = await run({}, { pod: await options(NamespaceMode.NODE, []) });
    const { stdout } = await exec(id, "cat /proc/self/uid_map");
    assert.match(stdout, /^\s*0\s+0\s+4294967295$/m);
  });
});

/** `su` insists on being root, and says so before anything else. */
function imageWithSetuid() {
  const data = readFileSync("/bin/busybox");
  return busyboxImage({ extra: [{ path: "bin/su", data, mode: 0o4755 }] });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}
