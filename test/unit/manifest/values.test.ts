import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffValues } from "../../../src/manifest/diff-values.ts";
import { etcHosts } from "../../../src/manifest/etc-hosts.ts";
import { expandVariables } from "../../../src/manifest/expand-variables.ts";
import { parseNodeDns } from "../../../src/manifest/parse-node-dns.ts";
import { parseMilli, parseQuantity, parseUnits } from "../../../src/manifest/parse-quantity.ts";
import { pullCredentials } from "../../../src/manifest/pull-credentials.ts";
import { imagesOf, pullPolicyOf } from "../../../src/manifest/pull-policy.ts";

describe("a quantity", () => {
  const units: readonly (readonly [string, bigint])[] = [
    ["0", 0n],
    ["1", 1n],
    ["1k", 1000n],
    ["1Ki", 1024n],
    ["1.5Gi", 1610612736n],
    ["64Mi", 67108864n],
    ["2e3", 2000n],
    ["1E", 10n ** 18n],
    ["1500m", 2n],
    ["1n", 1n],
    [".5M", 500000n],
    ["5.", 5n],
  ];
  for (const [text, value] of units) {
    it(`${text} is ${value}`, () => assert.equal(parseUnits(text), value));
  }

  it("in thousandths is rounded up", () => {
    assert.deepEqual(["0.1", "250m", "1u", "2"].map(parseMilli), [100n, 250n, 1n, 2000n]);
  });

  for (const text of ["", "x", "1 Gi", "1gi", "1K", "--1", "1e", "1e+999", "Mi"]) {
    it(`"${text}" is none`, () => assert.throws(() => parseQuantity(text), /is no quantity/));
  }
});

describe("variables in a text", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["$(A)", "1"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$(B) $(toString)", "$(B) $(toString)"],
    ["$A $ $( $(A", "$A $ $( $(A"],
    ["$(A)$(A)", "11"],
  ];
  for (const [text, expanded] of cases) {
    it(`${text} becomes ${expanded}`, () =>
      assert.equal(expandVariables(text, { A: "1" }), expanded));
  }
});

describe("what differs between two values", () => {
  it("is named by its path", () => {
    const before = { a: { b: [1, { c: 2 }] }, d: 3, same: [1] };
    const after = { a: { b: [1, { c: 4 }, 5] }, e: 6, same: [1] };
    assert.deepEqual(diffValues(before, after), ["a.b[1].c", "a.b[2]", "e", "d"]);
  });
});

describe("an image is pulled", () => {
  const policies: readonly (readonly [string, string])[] = [
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["host:5000/nginx", "Always"],
    ["nginx:1", "IfNotPresent"],
    [`nginx@sha256:${"0".repeat(64)}`, "IfNotPresent"],
  ];
  for (const [image, policy] of policies) {
    it(`${policy}: ${image}`, () => assert.equal(pullPolicyOf({ image }), policy));
  }

  it("once, by the strictest of its policies", () => {
    const containers = [
      { name: "a", image: "i:1" },
      { name: "b", image: "i:1", imagePullPolicy: "Always" },
    ] as const;
    assert.deepEqual([...imagesOf({ containers })], [["i:1", "Always"]]);
  });

  it("with the credentials of its registry", () => {
    const secret = (auths: object) => ({
      kind: "Secret" as const,
      namespace: "default",
      name: "s",
      data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })) },
    });
    const secrets = [
      secret({ "https://index.docker.io/v1/": { username: "u", password: "p" } }),
      secret({ "host:5000": { auth: "YTpi" } }),
    ];
    assert.equal(pullCredentials(secrets, "nginx"), Buffer.from("u:p").toString("base64"));
    assert.equal(pullCredentials(secrets, "library/nginx"), "dTpw");
    assert.equal(pullCredentials(secrets, "host:5000/a/b"), "YTpi");
    assert.equal(pullCredentials(secrets, "quay.io/a"), undefined);
  });
});

describe("files of a pod", () => {
  it("resolv.conf of the node has servers, the last search and options", () => {
    const text = "# c\nnameserver 1.1.1.1\nsearch a\nsearch b c ; x\noptions ndots:2 rotate\n";
    assert.deepEqual(parseNodeDns(text), {
      servers: ["1.1.1.1"],
      searches: ["b", "c"],
      options: ["ndots:2", "rotate"],
    });
  });

  it("hosts has the pod, then its aliases; on the node's network the node's own", () => {
    const spec = {
      containers: [],
      hostAliases: [{ ip: "192.0.2.1", hostnames: ["a", "b"] }, { ip: "192.0.2.2" }],
    };
    const pod = {
      manifest: { metadata: { name: "p" }, spec },
      namespace: "default",
      uid: "u",
      podIps: ["10.0.0.2"],
      node: { nodeName: "", hostIp: "", memoryBytes: 1n, cpus: 1, dns: parseNodeDns("") },
    };
    assert.match(
      etcHosts(pod, undefined),
      /^127\.0\.0\.1\tlocalhost\n[\s\S]*\n10\.0\.0\.2\tp\n192\.0\.2\.1\ta\tb\n$/,
    );
    const onNode = { ...pod, manifest: { ...pod.manifest, spec: { ...spec, hostNetwork: true } } };
    assert.equal(etcHosts(onNode, "1.2.3.4 node\n"), "1.2.3.4 node\n192.0.2.1\ta\tb\n");
  });
});
