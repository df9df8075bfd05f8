import assert from "node:assert/strict";
import { test } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  IDMapping,
  LinuxPodSandboxConfig,
  LinuxSandboxSecurityContext,
  NamespaceMode,
  NamespaceOption,
  PodSandboxConfig,
  PortMapping,
  UserNamespace,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { checkConfig, namespaceOptions } from "../../../src/runtime/sandboxes/check-config.ts";
import { parseBitRate } from "../../../src/runtime/sandboxes/parse-bit-rate.ts";
import { renderHosts, renderResolvConf } from "../../../src/runtime/sandboxes/pod-files.ts";

const metadata = { name: "web", namespace: "default", uid: "1", attempt: 0 };

function pod(fields: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
  return createMessage(PodSandboxConfig, { metadata, ...fields });
}

function linux(fields: Partial<LinuxPodSandboxConfig>): PodSandboxConfig {
  return pod({ linux: createMessage(LinuxPodSandboxConfig, fields) });
}

function namespaces(fields: Partial<NamespaceOption>, sysctls = {}): PodSandboxConfig {
  const options = createMessage(NamespaceOption, { pid: NamespaceMode.CONTAINER, ...fields });
  return linux({
    sysctls,
    securityContext: createMessage(LinuxSandboxSecurityContext, { namespaceOptions: options }),
  });
}

function user(fields: Partial<UserNamespace>): PodSandboxConfig {
  return namespaces({
    usernsOptions: createMessage(UserNamespace, { mode: NamespaceMode.POD, ...fields }),
  });
}

const one = createMessage(IDMapping, { hostId: 1000, containerId: 0, length: 100_000 });
const { NODE, CONTAINER, TARGET } = NamespaceMode;

const REFUSED: readonly [string, PodSandboxConfig, RegExp][] = [
  ["no metadata", pod({ metadata: undefined }), /"metadata.name" is missing/],
  ["an empty namespace", pod({ metadata: { ...metadata, namespace: "" } }), /metadata\.namespace/],
  ["an empty uid", pod({ metadata: { ...metadata, uid: "" } }), /metadata\.uid/],
  ["a relative log directory", pod({ logDirectory: "logs" }), /log_directory/],
  ["a host name with a newline", pod({ hostname: "a\nb" }), /hostname/],
  ["a host name of 65 characters", pod({ hostname: "a".repeat(65) }), /hostname/],
  ["a relative cgroup parent", linux({ cgroupParent: "a/b" }), /cgroup_parent/],
  ["a cgroup parent that climbs", linux({ cgroupParent: "/a/../.." }), /cgroup_parent/],
  ["the network of a container", namespaces({ network: CONTAINER }), /\.network"/],
  ["the PID namespace of a target", namespaces({ pid: TARGET }), /\.pid"/],
  ["the IPC namespace of a target", namespaces({ ipc: TARGET }), /\.ipc"/],
  ["a user namespace per container", user({ mode: CONTAINER }), /mode POD or NODE/],
  ["a user namespace of a target", user({ mode: TARGET }), /mode POD or NODE/],
  ["two user mappings", user({ uids: [one, one], gids: [one] }), /\.uids" must be exactly one/],
  ["no group mapping", user({ uids: [one], gids: [] }), /\.gids" must be exactly one/],
  [
    "a user mapping without ID 0",
    user({ uids: [{ ...one, containerId: 1 }], gids: [one] }),
    /must map the container's ID 0/,
  ],
  ["a sysctl of the host", linux({ sysctls: { "vm.swappiness": "1" } }), /"vm\.swappiness"/],
  ["a sysctl that climbs", linux({ sysctls: { "net/../vm/swappiness": "1" } }), /malformed/],
  ["a sysctl with a newline", linux({ sysctls: { "net.a": "1\n2" } }), /malformed/],
  [
    "a network sysctl on the host's network",
    namespaces({ network: NODE }, { "net.ipv4.ip_forward": "1" }),
    /would change the host/,
  ],
  [
    "an IPC sysctl in the host's IPC namespace",
    namespaces({ ipc: NODE }, { "kernel.msgmax": "1" }),
    /would change the host/,
  ],
  ["a port above 65535", ports({ containerPort: 70_000 }), /port_mappings\[0\]/],
  ["a host port without container port", ports({ hostPort: 80 }), /no container port/],
  ["a host address that is none", ports({ hostPort: 1, containerPort: 1, hostIp: "x;" }), /"x;"/],
];

function ports(fields: Partial<PortMapping>): PodSandboxConfig {
  return pod({ portMappings: [createMessage(PortMapping, fields)] });
}

for (const [title, config, message] of REFUSED) {
  test(`a pod with ${title} is refused`, () => {
    assert.throws(() => checkConfig(config), { code: "InvalidArgument", message });
  });
}

test("a valid user namespace is refused as unimplemented", () => {
  assert.throws(() => checkConfig(user({ uids: [one], gids: [one] })), { code: "Unimplemented" });
});

test("what a pod may ask for passes", () => {
  checkConfig(pod());
  checkConfig(ports({ containerPort: 80 }));
  checkConfig(linux({ cgroupParent: "kubepods-besteffort.slice" }));
  checkConfig(
    linux({
      sysctls: {
        "kernel.shm_rmid_forced": "1",
        "fs.mqueue.msg_max": "100",
        "net/ipv4/ip_local_port_range": "1024 65000",
      },
    }),
  );
  checkConfig(namespaces({ network: NODE, ipc: NODE, pid: NODE }));
});

test("a pod that says nothing of namespaces has its own, and no shared PID namespace", () => {
  assert.equal(namespaceOptions(pod()).pid, NamespaceMode.CONTAINER);
  assert.equal(namespaceOptions(pod()).network, NamespaceMode.POD);
});

test("resolv.conf holds what the pod names, and nothing named means the host's", () => {
  assert.equal(
    renderResolvConf({
      servers: ["10.0.0.1", "10.0.0.2"],
      searches: ["a", "b"],
      options: ["ndots:5"],
    }),
    "nameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch a b\noptions ndots:5\n",
  );
  assert.equal(renderResolvConf({ servers: [], searches: [], options: [] }), undefined);
  assert.equal(renderResolvConf(undefined), undefined);
});

test("hosts names the pod at each of its addresses", () => {
  assert.match(renderHosts("web", ["10.0.0.2", "fd00::2"]), /^10\.0\.0\.2\tweb\nfd00::2\tweb\n$/m);
});

test("bandwidths are read as quantities within their bounds", () => {
  assert.equal(parseBitRate("10M"), 10_000_000);
  assert.equal(parseBitRate("1.5G"), 1_500_000_000);
  assert.equal(parseBitRate("1Ki"), 1024);
  for (const text of ["", "10", "M", "-1M", "2000T", "10MB", "1e6"]) {
    assert.throws(() => parseBitRate(text), { code: "InvalidArgument" });
  }
});
