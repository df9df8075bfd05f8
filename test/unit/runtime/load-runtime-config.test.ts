import assert from "node:assert/strict";
import { test } from "node:test";
import { loadRuntimeConfig, parseRuntimeConfig } from "../../../src/runtime/load-runtime-config.ts";

test("every field of the runtime's configuration is read", async () => {
  const config = await parseRuntimeConfig(
    `
handlers: { crun: { path: /usr/bin/crun }, "": {} }
conmon: /usr/bin/conmon
cniPluginDirs: [/opt/cni/bin]
cniConfigDir: /etc/cni/net.d
network: { name: pods, subnet: 10.9.0.0/24 }
cgroupParent: /pods
cgroupDriver: cgroupfs
registries:
  docker.io: { mirrors: ["http://127.0.0.1:5000"] }
maxParallelLayers: 2
seccompProfile: /etc/seccomp.json
`,
    "f.yaml",
  );
  assert.deepEqual(config.handlers, {
    crun: { path: "/usr/bin/crun", type: "runc" },
    "": { path: "runc", type: "runc" },
  });
  assert.deepEqual(config.network, { name: "pods", subnet: "10.9.0.0/24" });
  assert.deepEqual(config.registries, {
    "docker.io": { mirrors: ["http://127.0.0.1:5000"], insecure: false, caFile: undefined },
  });
  assert.equal(config.maxParallelLayers, 2);
});

test("an empty configuration says nothing", async () => {
  assert.deepEqual(await parseRuntimeConfig("# nothing\n", "f.yaml"), {});
});

const REFUSED: readonly [string, string, RegExp][] = [
  ["an unknown field", "conmonn: x", /unknown field "conmonn" in "f\.yaml"/],
  [
    "an unknown inner field",
    "registries: {a: {mirror: [x]}}",
    /unknown field "registries\.a\.mirror"/,
  ],
  ["a number for a path", "conmon: 3", /"conmon" in "f\.yaml" must be a string/],
  ["a string for a list", "cniPluginDirs: /opt", /"cniPluginDirs" in "f\.yaml" must be a list/],
  ["a number in a list of paths", "cniPluginDirs: [1]", /"cniPluginDirs\[0\]"/],
  ["an unknown choice", "cgroupDriver: other", /must be "cgroupfs"/],
  ["zero layers", "maxParallelLayers: 0", /whole number above 0/],
  ["a list for the whole", "- a", /the configuration in "f\.yaml" must be a mapping/],
  ["malformed YAML", "a: [1\nb: 2", /f\.yaml:\d+:\d+: /],
  ["a field twice", "conmon: a\nconmon: b", /f\.yaml:2:1: /],
];

for (const [title, text, message] of REFUSED) {
  test(`the configuration refuses ${title}`, async () => {
    await assert.rejects(parseRuntimeConfig(text, "f.yaml"), { code: "InvalidArgument", message });
  });
}

test("an unknown field names the nearest known one", async () => {
  await assert.rejects(parseRuntimeConfig("conmonn: x", "f.yaml"), {
    hint: 'did you mean "conmon"?',
  });
});

test("a configuration file that is named and absent is a usage error", async () => {
  await assert.rejects(loadRuntimeConfig("/nowhere/runtime.yaml"), { code: "InvalidArgument" });
});
