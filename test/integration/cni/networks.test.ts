import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addNetwork } from "../../../src/runtime/cni/add-network.ts";
import { checkNetwork } from "../../../src/runtime/cni/check-network.ts";
import { CniError } from "../../../src/runtime/cni/cni-error.ts";
import { defaultNetworkList } from "../../../src/runtime/cni/default-network-list.ts";
import { deleteNetwork } from "../../../src/runtime/cni/delete-network.ts";
import {
  type Attachment,
  type NetworkList,
  resultAddresses,
} from "../../../src/runtime/cni/network-list.ts";
import { pinNamespaces } from "../../../src/runtime/host/pin-namespaces.ts";
import { unpinNamespaces } from "../../../src/runtime/host/unpin-namespaces.ts";
import { createCleanup } from "../../support/cleanup.ts";
import { removeBridge } from "../../support/remove-bridge.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { randomSubnet, uniqueSuffix } from "../../support/unique.ts";

const cleanup = createCleanup();
const suffix = uniqueSuffix();
const name = `crish-t-${suffix}`;
const bridge = `crt-${suffix}`;
const subnet = randomSubnet();
let directory = "";
let pluginDirs: string[] = [];

before(async () => {
  directory = await temporaryDirectory(cleanup, "cni");
  mkdirSync(join(directory, "plugins"));
  pluginDirs = [join(directory, "plugins"), "/opt/cni/bin", "/usr/lib/cni"];
  cleanup.add("remove the bridge", () => removeBridge(bridge, name));
});
after(() => cleanup.run());

const addresses = () => join(directory, "addresses");
const reserved = () =>
  readdirSync(join(addresses(), name)).filter((file) => /^\d+\.\d+\./.test(file));
const rules = async (text: string) =>
  (await run("iptables-save", ["-t", "nat"])).stdout
    .split("\n")
    .filter((line) => line.includes(text));

async function namespace(id: string): Promise<string> {
  const pins = join(directory, id);
  cleanup.add(`unpin ${id}`, () => unpinNamespaces(pins));
  const { net = "" } = await pinNamespaces({ directory: pins, namespaces: ["net"] });
  return net;
}

async function attachment(
  id: string,
  list: NetworkList,
  capabilities: Attachment["capabilities"] = {},
): Promise<Attachment> {
  const args = { IgnoreUnknown: "1", K8S_POD_NAME: "web", BROKEN: "a;b=c" };
  const namespaceFile = await namespace(id);
  return { list, containerId: id, namespaceFile, interfaceName: "eth0", args, capabilities };
}

function plugin(type: string, script: string): { type: string } {
  const path = join(directory, "plugins", type);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return { type };
}

describe("the default network", () => {
  const list = () =>
    defaultNetworkList({
      name,
      bridge,
      subnet,
      addressDirectory: addresses(),
      withPortMappings: false,
    });

  test("gives each pod an address, masks them all by one rule and takes every address back", async () => {
    const one = await addNetwork(await attachment(`one-${suffix}`, list()), { pluginDirs });
    const two = await addNetwork(await attachment(`two-${suffix}`, list()), { pluginDirs });
    const [first, second] = [one, two].map((added) => resultAddresses(added.result)[0]);
    assert.ok(first && second && first !== second);
    assert.equal((await rules(`${name} pods`)).length, 1);
    assert.deepEqual(await checkNetwork(one, { pluginDirs }), []);
    const reach = await run("nsenter", [
      `--net=${one.namespaceFile}`,
      ...["bash", "-c", `exec 3<>/dev/tcp/${second}/9`],
    ]);
    assert.match(reach.stderr, /Connection refused/);
    for (const added of [one, two, one]) {
      await deleteNetwork(added, { pluginDirs, namespaceExists: true });
    }
    assert.deepEqual(reserved(), []);
  });

  test("reports a pod that is no longer as it was left", async () => {
    const added = await addNetwork(await attachment(`changed-${suffix}`, list()), { pluginDirs });
    await run("nsenter", [`--net=${added.namespaceFile}`, "ip", "addr", "flush", "dev", "eth0"]);
    const failures = await checkNetwork(added, { pluginDirs });
    assert.match(failures[0]?.message ?? "", /"bridge" could not find the pod as it left it/);
    await deleteNetwork(added, { pluginDirs, namespaceExists: true });
  });
});

test("where the namespace is gone, address and masquerade rules of the pod go nevertheless", async () => {
  const id = `gone-${suffix}`;
  const ipam = { type: "host-local", dataDir: addresses(), ranges: [[{ subnet }]] };
  const plugins = [{ type: "bridge", bridge, isGateway: true, ipMasq: true, ipam }];
  const added = await addNetwork(await attachment(id, { name, cniVersion: "1.0.0", plugins }), {
    pluginDirs,
  });
  assert.notDeepEqual(await rules(id), []);
  await unpinNamespaces(join(directory, id));
  await deleteNetwork(added, { pluginDirs, namespaceExists: false });
  assert.deepEqual(await rules(id), []);
  assert.deepEqual(reserved(), []);
  await deleteNetwork(added, { pluginDirs, namespaceExists: false });
});

test("plugins are chained at ADD, and undone in reverse with what ADD gave at DEL", async () => {
  const log = join(directory, "log");
  const record = (result: string) =>
    `input=$(cat); echo "$CNI_COMMAND $(basename "$0") $CNI_ARGS $input" >> ${log}; [ "$CNI_COMMAND" = DEL ] || echo '${result}'`;
  const first = plugin("first", record('{"cniVersion":"1.0.0","ips":[{"address":"10.9.9.9/24"}]}'));
  const second = plugin(
    "second",
    record('{"cniVersion":"1.0.0","ips":[{"address":"10.9.9.8/24"}]}'),
  );
  const list: NetworkList = {
    name,
    cniVersion: "1.0.0",
    plugins: [first, { ...second, extra: 1, capabilities: { dns: true, bandwidth: false } }],
  };
  const capabilities = { dns: { servers: ["1.1.1.1"] }, bandwidth: { ingressRate: 1 } };
  const added = await addNetwork(await attachment(`chain-${suffix}`, list, capabilities), {
    pluginDirs,
  });
  assert.deepEqual(resultAddresses(added.result), ["10.9.9.8"]);
  await deleteNetwork(added, { pluginDirs, namespaceExists: true });
  const calls = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [command, type, args, ...input] = line.split(" ");
      return { command, type, args, input: JSON.parse(input.join(" ")) };
    });
  assert.deepEqual(
    calls.map(({ command, type }) => `${command} ${type}`),
    ["ADD first", "ADD second", "DEL second", "DEL first"],
  );
  assert.equal(calls[0]?.args, "IgnoreUnknown=1;K8S_POD_NAME=web");
  assert.deepEqual(calls[0]?.input, { type: "first", name, cniVersion: "1.0.0" });
  assert.deepEqual(calls[1]?.input, {
    type: "second",
    extra: 1,
    name,
    cniVersion: "1.0.0",
    runtimeConfig: { dns: { servers: ["1.1.1.1"] } },
    prevResult: { cniVersion: "1.0.0", ips: [{ address: "10.9.9.9/24" }] },
  });
  for (const call of calls.slice(2)) assert.deepEqual(call.input.prevResult, added.result);
});

const REFUSALS: readonly [string, string, RegExp, RegExp | undefined][] = [
  [
    "a CNI error",
    `echo '{"code":7,"msg":"bad","details":"more"}'; exit 1`,
    /^bad; more$/,
    undefined,
  ],
  ["words on stderr alone", "echo went wrong >&2; exit 3", /^went wrong$/, undefined],
  ["nothing at all", "exit 3", /^status 3$/, undefined],
  ["words for a result", "echo all is well", /^it gave no result but "all is well"$/, undefined],
  ["a list for a result", "echo '[1]'", /^it gave no result but "\[1\]"$/, undefined],
  [
    "a missing iptables",
    `echo '{"code":999,"msg":"exec: \\"iptables\\": executable file not found in $PATH"}'; exit 1`,
    /iptables/,
    /apt-get install iptables/,
  ],
];

for (const [title, script, reason, hint] of REFUSALS) {
  test(`a plugin that fails with ${title} is reported by name and reason`, async () => {
    const list = { name, cniVersion: "1.0.0", plugins: [plugin("refusing", script)] };
    const pod = await attachment(`refused-${uniqueSuffix()}`, list);
    await assert.rejects(addNetwork(pod, { pluginDirs }), (error: unknown) => {
      assert.ok(error instanceof CniError);
      assert.match(error.message, /the CNI plugin "refusing" could not add the pod/);
      assert.match((error.cause as Error).message, reason);
      if (hint !== undefined) assert.match(error.hint ?? "", hint);
      return true;
    });
  });
}

test("every plugin is asked to undo although one refuses", async () => {
  const marker = join(directory, "undone");
  const list = {
    name,
    cniVersion: "1.0.0",
    plugins: [plugin("undoing", `touch ${marker}`), plugin("stubborn", "exit 1")],
  };
  const pod = { ...(await attachment(`stubborn-${suffix}`, list)), result: {} };
  await assert.rejects(deleteNetwork(pod, { pluginDirs, namespaceExists: true }), {
    message: /"stubborn" could not take the pod out/,
  });
  assert.ok(existsSync(marker));
});
