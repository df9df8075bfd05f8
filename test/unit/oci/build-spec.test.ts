import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerConfig,
  LinuxContainerConfig,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  SecurityProfile_ProfileType,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { buildSpec } from "../../../src/runtime/oci/build-spec.ts";
import { CAPABILITIES } from "../../../src/runtime/oci/capabilities.ts";
import type { SpecInput } from "../../../src/runtime/oci/spec-input.ts";

type SecurityFields = Partial<LinuxContainerSecurityContext>;

function config(fields: Partial<ContainerConfig> = {}): ContainerConfig {
  const metadata = { name: "web", attempt: 0 };
  return createMessage(ContainerConfig, { metadata, command: ["sh"], ...fields });
}

function withSecurity(fields: SecurityFields): ContainerConfig {
  const securityContext = createMessage(LinuxContainerSecurityContext, fields);
  return config({ linux: createMessage(LinuxContainerConfig, { securityContext }) });
}

function withResources(fields: Partial<LinuxContainerResources>): ContainerConfig {
  const resources = createMessage(LinuxContainerResources, fields);
  return config({ linux: createMessage(LinuxContainerConfig, { resources }) });
}

function input(fields: Partial<SpecInput> = {}): SpecInput {
  return {
    containerId: "c1",
    config: config(),
    image: { Env: ["A=image", "B=image"], Cmd: ["serve"], WorkingDir: "/srv" },
    pod: {
      sandboxId: "s1",
      name: "pod",
      namespace: "default",
      uid: "u1",
      hostname: "host1",
      namespaces: {
        network: "/ns/net",
        ipc: "/ns/ipc",
        uts: "/ns/uts",
        user: undefined,
        pid: "new",
      },
      uidMappings: [],
      gidMappings: [],
      hostsFile: "/pod/hosts",
      resolvConfFile: "/pod/resolv.conf",
      hostnameFile: "/pod/hostname",
      shmDirectory: "/pod/shm",
    },
    node: {
      capabilities: CAPABILITIES.filter((name) => name !== "CAP_SYS_RESOURCE"),
      oomScoreAdj: 0,
      cgroupMode: "hybrid",
      hasSwapAccounting: true,
      hasHugetlb: false,
      hasAppArmor: false,
    },
    user: { uid: 0, gid: 0, additionalGids: [0] },
    mounts: [],
    devices: [],
    seccomp: undefined,
    rootfs: "/bundle/rootfs",
    cgroupPath: "/crish/s1/c1",
    ...fields,
  };
}

describe("the program of a container", () => {
  it("is CRI's command, which drops the image's arguments", () => {
    assert.deepEqual(buildSpec(input()).process.args, ["sh"]);
  });

  it("is the image's entrypoint with CRI's arguments in place of the image's", () => {
    const image = { Entrypoint: ["/entry"], Cmd: ["serve"] };
    const spec = buildSpec(input({ config: config({ command: [], args: ["x"] }), image }));
    assert.deepEqual(spec.process.args, ["/entry", "x"]);
  });

  it("is refused where neither the image nor the container names one", () => {
    const empty = { config: config({ command: [] }), image: {} };
    assert.throws(() => buildSpec(input(empty)), { code: "InvalidArgument" });
  });

  it("finds the container's environment over the image's, and a PATH", () => {
    const envs = [{ key: "B", value: Buffer.from("own=1") }];
    const { env } = buildSpec(input({ config: config({ envs, tty: true }) })).process;
    assert.deepEqual(env.slice(1), ["TERM=xterm", "HOSTNAME=host1", "A=image", "B=own=1"]);
    assert.match(env[0] ?? "", /^PATH=/);
  });

  it("starts in the container's directory, else the image's, else the root", () => {
    const cwd = (fields: Partial<SpecInput>) => buildSpec(input(fields)).process.cwd;
    assert.equal(cwd({ config: config({ workingDir: "/own" }) }), "/own");
    assert.equal(cwd({}), "/srv");
    assert.equal(cwd({ image: { Cmd: ["x"] } }), "/");
  });
});

describe("the rights of a container", () => {
  it("are the usual fourteen capabilities, none of them inheritable", () => {
    const { capabilities } = buildSpec(input()).process;
    assert.equal(capabilities.bounding.length, 14);
    assert.deepEqual(capabilities.effective, capabilities.bounding);
    assert.deepEqual(capabilities.inheritable, []);
  });

  it("are none after drop ALL, and what was added besides", () => {
    const drop = (addCapabilities: string[]) =>
      buildSpec(
        input({
          config: withSecurity({
            capabilities: {
              addCapabilities,
              dropCapabilities: ["ALL"],
              addAmbientCapabilities: [],
            },
          }),
        }),
      ).process.capabilities.bounding;
    assert.deepEqual(drop([]), []);
    assert.deepEqual(drop(["net_admin"]), ["CAP_NET_ADMIN"]);
  });

  it("are all that the node can give after add ALL, and a drop still counts", () => {
    const { bounding } = buildSpec(
      input({
        config: withSecurity({
          capabilities: {
            addCapabilities: ["ALL"],
            dropCapabilities: ["NET_RAW"],
            addAmbientCapabilities: [],
          },
        }),
      }),
    ).process.capabilities;
    assert.equal(bounding.length, CAPABILITIES.length - 2);
    assert.ok(!bounding.includes("CAP_NET_RAW") && !bounding.includes("CAP_SYS_RESOURCE"));
  });

  it("refuse a capability that does not exist or that the node lacks", () => {
    for (const name of ["FLY", "CAP_SYS_RESOURCE"]) {
      const capabilities = {
        addCapabilities: [name],
        dropCapabilities: [],
        addAmbientCapabilities: [],
      };
      assert.throws(() => buildSpec(input({ config: withSecurity({ capabilities }) })), {
        code: "InvalidArgument",
        message: new RegExp(name),
      });
    }
  });

  it("have no masks, no seccomp and every device when privileged", () => {
    const security = withSecurity({ privileged: true, maskedPaths: ["/proc/keys"] });
    const { linux, mounts } = buildSpec(input({ config: security, seccomp: {} }));
    assert.deepEqual([linux.maskedPaths, linux.readonlyPaths, linux.seccomp], [[], [], undefined]);
    assert.deepEqual(linux.resources, { devices: [{ allow: true, access: "rwm" }] });
    assert.ok(mounts.find(({ destination }) => destination === "/sys")?.options.includes("rw"));
  });

  it("mask the usual paths unless a security context brings its own", () => {
    assert.ok(buildSpec(input()).linux.maskedPaths.includes("/proc/kcore"));
    const own = withSecurity({ maskedPaths: ["/bin/ls"] });
    assert.deepEqual(buildSpec(input({ config: own })).linux.maskedPaths, ["/bin/ls"]);
  });

  it("refuse an AppArmor profile on a node without AppArmor, the structured field first", () => {
    const localhost = {
      profileType: SecurityProfile_ProfileType.Localhost,
      localhostRef: "localhost/deny",
    };
    for (const fields of [{ apparmorProfile: "localhost/deny" }, { apparmor: localhost }]) {
      assert.throws(() => buildSpec(input({ config: withSecurity(fields) })), {
        code: "InvalidArgument",
        message: /"deny"/,
      });
    }
    const unconfined = { profileType: SecurityProfile_ProfileType.Unconfined, localhostRef: "" };
    const fields = { apparmorProfile: "localhost/deny", apparmor: unconfined };
    assert.equal(
      buildSpec(input({ config: withSecurity(fields) })).process.apparmorProfile,
      undefined,
    );
  });
});

describe("the limits of a container", () => {
  it("hold memory and swap together where only memory is limited", () => {
    const { resources } = buildSpec(
      input({ config: withResources({ memoryLimitInBytes: 64n, cpuShares: 512n }) }),
    ).linux;
    assert.deepEqual(resources, {
      devices: [{ allow: false, access: "rwm" }],
      cpu: { shares: 512 },
      memory: { limit: 64, swap: 64 },
    });
  });

  it("say nothing of swap where the kernel does not count it", () => {
    const node = { ...input().node, hasSwapAccounting: false };
    const { resources } = buildSpec(
      input({ node, config: withResources({ memoryLimitInBytes: 64n }) }),
    ).linux;
    assert.deepEqual((resources as { memory: unknown }).memory, { limit: 64 });
  });

  it("raise the OOM score but do not lower it below ours without the right to", () => {
    const score = (oomScoreAdj: bigint, capabilities: string[] = []) =>
      buildSpec(
        input({
          config: withResources({ oomScoreAdj }),
          node: { ...input().node, oomScoreAdj: 100, capabilities },
        }),
      ).process.oomScoreAdj;
    assert.deepEqual([score(-900n), score(500n)], [100, 500]);
    assert.equal(score(-900n, ["CAP_SYS_RESOURCE"]), -900);
  });
});

describe("the place of a container", () => {
  it("joins the pod's namespaces and has a mount and a PID namespace of its own", () => {
    assert.deepEqual(buildSpec(input()).linux.namespaces, [
      { type: "network", path: "/ns/net" },
      { type: "ipc", path: "/ns/ipc" },
      { type: "uts", path: "/ns/uts" },
      { type: "pid" },
      { type: "mount" },
    ]);
  });

  it("leaves out what is the node's, and has a cgroup namespace on cgroup v2", () => {
    const { pod, node } = input();
    const namespaces = { ...pod.namespaces, network: undefined, pid: "node" as const };
    const spec = buildSpec(
      input({ pod: { ...pod, namespaces }, node: { ...node, cgroupMode: "v2" } }),
    );
    const types = spec.linux.namespaces.map(({ type }) => type);
    assert.deepEqual(types, ["ipc", "uts", "mount", "cgroup"]);
  });

  it("mounts parents before what lies below them, and its own mounts over the defaults", () => {
    const bind = (destination: string) => ({
      destination,
      type: "bind",
      source: `/host${destination}`,
      options: ["rbind", "rslave", "rw"],
    });
    const spec = buildSpec(input({ mounts: [bind("/a/b/c"), bind("/etc/hosts"), bind("/a/")] }));
    const places = spec.mounts.map(({ destination }) => destination);
    assert.deepEqual(places.slice(-3), ["/a/", "/etc/hosts", "/a/b/c"]);
    assert.equal(places.filter((place) => place === "/etc/hosts").length, 1);
    assert.equal(spec.linux.rootfsPropagation, "rslave");
  });
});
