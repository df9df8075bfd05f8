import assert from "node:assert/strict";
import { readlink } from "node:fs/promises";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  Capability,
  type LinuxContainerSecurityContext,
  NamespaceMode,
  NamespaceOption,
  SecurityProfile,
  SecurityProfile_ProfileType,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { contractCase } from "../contract-case.ts";
import { containerLinux, podLinux, type World } from "../world.ts";

export const securityCases = [
  contractCase(
    "createContainer",
    [],
    "run_as_user and run_as_group are who it runs as",
    async (world) => {
      const security = { runAsUser: { value: 1001n }, runAsGroup: { value: 1002n } };
      assert.equal(await inside(world, security, "id -u; id -g"), "1001\n1002\n");
    },
  ),
  contractCase(
    "createContainer",
    [],
    "run_as_username is looked up in the image",
    async (world) => {
      assert.equal(
        await inside(world, { runAsUsername: "nobody" }, "id -nu; id -g"),
        "nobody\n65534\n",
      );
    },
  ),
  contractCase(
    "createContainer",
    [],
    "run_as_username that the image does not have fails",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const linux = containerLinux({ runAsUsername: "no-such-user" });
      const request = world.containerRequest(pod, { linux });
      await assert.rejects(world.runtime.createContainer(request));
    },
  ),
  contractCase(
    "createContainer",
    ["invalid"],
    "run_as_group without a user is refused",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const linux = containerLinux({ runAsGroup: { value: 1002n } });
      const call = world.runtime.createContainer(world.containerRequest(pod, { linux }));
      await world.refuses(call, "InvalidArgument");
    },
  ),
  contractCase("createContainer", [], "supplemental groups are in `id -G`", async (world) => {
    const groups = await inside(world, { supplementalGroups: [1234n, 5678n] }, "id -G");
    assert.ok(groups.includes("1234") && groups.includes("5678"), groups);
  }),
  contractCase(
    "createContainer",
    [],
    "the groups of the image's user are merged",
    async (world) => {
      const security = { runAsUser: { value: 1001n }, supplementalGroups: [1234n] };
      const groups = (await inside(world, security, "id -G")).trim().split(" ");
      for (const group of ["50000", "1234"]) assert.ok(groups.includes(group), groups.join(" "));
    },
  ),
  contractCase(
    "createContainer",
    [],
    "a read-only root refuses writes, a writable one takes them",
    async (world) => {
      const script = "touch /x 2>&1; echo $?";
      assert.match(
        await inside(world, { readonlyRootfs: true }, script),
        /Read-only file system\n1/,
      );
      assert.equal(await inside(world, { readonlyRootfs: false }, script), "0\n");
    },
  ),
  contractCase(
    "createContainer",
    [],
    "capabilities: the default set, none, all, one more",
    async (world) => {
      assert.equal(await bounding(world, {}), DEFAULT_CAPABILITIES);
      assert.equal(await bounding(world, { dropCapabilities: ["ALL"] }), 0n);
      assert.notEqual(await bounding(world, { addCapabilities: ["ALL"] }), DEFAULT_CAPABILITIES);
      const added = await bounding(world, { addCapabilities: ["NET_ADMIN"] });
      assert.equal(added, DEFAULT_CAPABILITIES | NET_ADMIN);
      const dropped = await bounding(world, { dropCapabilities: ["NET_RAW"] });
      assert.equal(dropped, DEFAULT_CAPABILITIES & ~NET_RAW);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "privileged has every capability and the host's devices",
    async (world) => {
      const pod = await world.runPod({ linux: podLinux({}, { privileged: true }) });
      const id = await world.runContainer(pod, { linux: containerLinux({ privileged: true }) });
      const { stdout } = await world.shell(id, "grep CapBnd /proc/1/status; ls /dev");
      assert.ok((capabilities(stdout) & NET_ADMIN) !== 0n);
      assert.match(stdout, /^kmsg$|^mem$|^loop-control$|^vda?$/m);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "a privileged container in a pod that is not is refused",
    async (world) => {
      const { pod } = await world.sharedContainer();
      const linux = containerLinux({ privileged: true });
      const call = world.runtime.createContainer(world.containerRequest(pod, { linux }));
      await world.refuses(call, "FailedPrecondition");
    },
  ),
  contractCase(
    "createContainer",
    [],
    "masked paths cannot be read, read-only paths not written",
    async (world) => {
      const masked = await inside(
        world,
        { maskedPaths: ["/etc/passwd"] },
        "cat /etc/passwd; echo $?",
      );
      assert.ok(!masked.includes("root:"), masked);
      const readonly = await inside(world, { readonlyPaths: ["/tmp"] }, "touch /tmp/x 2>&1");
      assert.match(readonly, /Read-only file system/);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "no_new_privs is set when asked for, and only then",
    async (world) => {
      const script = "grep NoNewPrivs /proc/1/status";
      assert.match(await inside(world, { noNewPrivs: true }, script), /NoNewPrivs:\s+1/);
      assert.match(await inside(world, { noNewPrivs: false }, script), /NoNewPrivs:\s+0/);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "seccomp: RuntimeDefault filters, Unconfined and none do not",
    async (world) => {
      const mode = async (profileType: SecurityProfile_ProfileType) => {
        const seccomp = createMessage(SecurityProfile, { profileType });
        return inside(world, { seccomp }, "grep Seccomp: /proc/1/status");
      };
      assert.match(await mode(SecurityProfile_ProfileType.RuntimeDefault), /\t2/);
      assert.match(await mode(SecurityProfile_ProfileType.Unconfined), /\t0/);
      assert.match(await inside(world, {}, "grep Seccomp: /proc/1/status"), /\t0/);
    },
  ),
  contractCase(
    "createContainer",
    [],
    "pid CONTAINER is alone, pid POD shares, pid NODE sees the host",
    async (world) => {
      assert.equal(await firstProcess(world, NamespaceMode.CONTAINER), "sleep\n");
      assert.notEqual(await firstProcess(world, NamespaceMode.POD), "sleep\n");
      const pidNamespace = await namespaceInside(world, "pid", { pid: NamespaceMode.NODE });
      assert.equal(pidNamespace, await readlink("/proc/self/ns/pid"));
    },
  ),
  contractCase(
    "createContainer",
    [],
    "network and ipc are the pod's, or with NODE the host's",
    async (world) => {
      for (const kind of ["net", "ipc"] as const) {
        const option = kind === "net" ? "network" : "ipc";
        const host = await readlink(`/proc/self/ns/${kind}`);
        assert.notEqual(await namespaceInside(world, kind, { [option]: NamespaceMode.POD }), host);
        assert.equal(await namespaceInside(world, kind, { [option]: NamespaceMode.NODE }), host);
      }
    },
  ),
  contractCase(
    "createContainer",
    [],
    "two containers of a pod share its network, not their files",
    async (world) => {
      const pod = await world.runPod();
      const ids = [await world.runContainer(pod), await world.runContainer(pod)];
      const namespaces = await Promise.all(
        ids.map(async (id) => (await world.shell(id, "readlink /proc/1/ns/net")).stdout),
      );
      assert.equal(namespaces[0], namespaces[1]);
    },
  ),
];

/** chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap */
const DEFAULT_CAPABILITIES = 0xa80425fbn;
const NET_ADMIN = 1n << 12n;
const NET_RAW = 1n << 13n;

/** What the script prints in a container with that security context, in a pod of its own. */
async function inside(
  world: World,
  security: Partial<LinuxContainerSecurityContext>,
  script: string,
): Promise<string> {
  const { pod } = await world.sharedContainer();
  const id = await world.runContainer(pod, { linux: containerLinux(security) });
  try {
    return (await world.shell(id, script)).stdout;
  } finally {
    await world.runtime.removeContainer({ containerId: id });
  }
}

async function bounding(world: World, fields: Partial<Capability>): Promise<bigint> {
  const security = { capabilities: createMessage(Capability, fields) };
  return capabilities(await inside(world, security, "grep CapBnd /proc/self/status"));
}

function capabilities(status: string): bigint {
  return BigInt(`0x${/CapBnd:\s+([0-9a-f]+)/.exec(status)?.[1] ?? "0"}`);
}

async function firstProcess(world: World, pid: NamespaceMode): Promise<string> {
  const pod = await world.runPod({ linux: podLinux({ pid }) });
  const namespaceOptions = createMessage(NamespaceOption, { pid });
  const id = await world.runContainer(pod, { linux: containerLinux({ namespaceOptions }) });
  return (await world.shell(id, "cat /proc/1/comm")).stdout;
}

async function namespaceInside(
  world: World,
  kind: "net" | "ipc" | "pid",
  options: Partial<NamespaceOption>,
): Promise<string> {
  const namespaceOptions = createMessage(NamespaceOption, { pid: 1, ...options });
  const pod = await world.runPod({ linux: podLinux({ pid: 1, ...options }) });
  const id = await world.runContainer(pod, { linux: containerLinux({ namespaceOptions }) });
  return (await world.shell(id, `readlink /proc/self/ns/${kind}`)).stdout.trim();
}
