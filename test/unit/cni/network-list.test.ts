import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { defaultNetworkList } from "../../../src/runtime/cni/default-network-list.ts";
import { loadNetworkList, parseNetworkList } from "../../../src/runtime/cni/load-network-list.ts";
import { resultAddresses } from "../../../src/runtime/cni/network-list.ts";
import { removalScript } from "../../../src/runtime/cni/remove-rules.ts";

const directory = mkdtempSync(join(tmpdir(), "crish-cni-"));
after(() => rmSync(directory, { recursive: true, force: true }));

test("the first configuration by file name is the network, other files are not looked at", async () => {
  const files = {
    "20-second.conflist": "{",
    "10-first.conflist":
      '{"name":"first","cniVersion":"1.0.0","plugins":[{"type":"bridge"},{"type":"portmap"}]}',
    "00-readme.txt": "no",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const list = await loadNetworkList(directory);
  assert.equal(list?.name, "first");
  assert.deepEqual(
    list?.plugins.map((plugin) => plugin.type),
    ["bridge", "portmap"],
  );
});

test("a directory without configurations, and an absent one, have no network", async () => {
  const empty = join(directory, "empty");
  mkdirSync(empty);
  assert.equal(await loadNetworkList(empty), undefined);
  assert.equal(await loadNetworkList(join(directory, "absent")), undefined);
});

test("a single plugin's configuration is a list of one", () => {
  const list = parseNetworkList('{"name":"one","type":"bridge","bridge":"b0"}', "f.conf");
  assert.deepEqual(list, {
    name: "one",
    cniVersion: "0.2.0",
    plugins: [{ name: "one", type: "bridge", bridge: "b0" }],
  });
});

const MALFORMED: readonly [string, string, RegExp][] = [
  ["text that is not JSON", "{", /it is not JSON/],
  ["a JSON list", "[]", /not a JSON object/],
  ["no name", '{"plugins":[{"type":"a"}]}', /no valid name/],
  ["a name with a slash", '{"name":"../a","type":"a"}', /no valid name/],
  ["no plugins", '{"name":"a","plugins":[]}', /at least one plugin/],
  ["plugins that are no list", '{"name":"a","plugins":{}}', /must be a list/],
  ["a plugin without type", '{"name":"a","plugins":[{}]}', /needs a "type"/],
  ["a version that is a number", '{"name":"a","cniVersion":1,"type":"a"}', /must be a string/],
];

for (const [title, text, message] of MALFORMED) {
  test(`a configuration with ${title} is refused with its file`, () => {
    assert.throws(() => parseNetworkList(text, "/etc/cni/f.conflist"), {
      code: "FailedPrecondition",
      message: new RegExp(`"/etc/cni/f.conflist".*${message.source}`),
    });
  });
}

test("the default network keeps its addresses in the root's own directory", () => {
  const options = { name: "n", bridge: "b", subnet: "10.1.0.0/24", addressDirectory: "/a" };
  const plain = defaultNetworkList({ ...options, withPortMappings: false });
  assert.deepEqual(
    plain.plugins.map((plugin) => plugin.type),
    ["bridge"],
  );
  assert.match(JSON.stringify(plain), /"dataDir":"\/a"/);
  const mapped = defaultNetworkList({ ...options, withPortMappings: true });
  assert.deepEqual(mapped.plugins[1]?.capabilities, { portMappings: true });
});

test("addresses come without prefix lengths, IPv4 first, in the old and the new format", () => {
  assert.deepEqual(
    resultAddresses({ ips: [{ address: "fd00::2/64" }, { address: "10.1.0.2/24" }, {}] }),
    ["10.1.0.2", "fd00::2"],
  );
  assert.deepEqual(resultAddresses({ ip4: { ip: "10.1.0.2/24" }, ip6: { ip: "fd00::2/64" } }), [
    "10.1.0.2",
    "fd00::2",
  ]);
  assert.deepEqual(resultAddresses(undefined), []);
});

test("rules that bear the pod, and its chains, are removed and no others", () => {
  const saved = `*nat
:CNI-aaaaaaaaaaaaaaaaaaaaaaaa - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
-A POSTROUTING -s 10.1.0.2/32 -m comment --comment "name: \\"n\\" id: \\"pod1\\"" -j CNI-aaaaaaaaaaaaaaaaaaaaaaaa
-A POSTROUTING -s 10.1.0.3/32 -m comment --comment "name: \\"n\\" id: \\"pod2\\"" -j CNI-bbbbbbbbbbbbbbbbbbbbbbbb
-A CNI-aaaaaaaaaaaaaaaaaaaaaaaa ! -d 224.0.0.0/4 -m comment --comment "name: \\"n\\" id: \\"pod1\\"" -j MASQUERADE
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"n\\" id: \\"pod1\\"" -j CNI-DN-cccccccccccccccccccc
COMMIT
`;
  const script = removalScript(saved, "pod1") ?? "";
  assert.equal(script.includes("pod2"), false);
  assert.equal(script.match(/^-D /gm)?.length, 3);
  assert.match(script, /^-F CNI-aaaaaaaaaaaaaaaaaaaaaaaa\n-X CNI-aaaaaaaaaaaaaaaaaaaaaaaa$/m);
  assert.match(script, /^-X CNI-DN-cccccccccccccccccccc$/m);
  assert.equal(script.includes("-X CNI-HOSTPORT-DNAT"), false);
  assert.equal(removalScript(saved, "pod3"), undefined);
});
