import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callTimeoutMs } from "../../../src/cri/call-deadlines.ts";
import { completeStreamUrl } from "../../../src/cri/complete-stream-url.ts";
import { parseEndpoint } from "../../../src/cri/parse-endpoint.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

describe("an endpoint", () => {
  const unix = (path: string, apiVersion?: string) => ({
    kind: "unix",
    text: `unix://${path}`,
    path,
    apiVersion,
  });
  const good: [string, object][] = [
    ["unix:///run/containerd/containerd.sock", unix("/run/containerd/containerd.sock")],
    ["/run/crio/crio.sock", unix("/run/crio/crio.sock")],
    ["unix:///run/x.sock?api=v1alpha2", unix("/run/x.sock", "v1alpha2")],
    ["/run/x.sock?api=v1", unix("/run/x.sock", "v1")],
    ["unix:///run/a%20b", { ...unix("/run/a b"), text: "unix:///run/a%20b" }],
    ["tcp://10.0.0.1:3735", tcp("10.0.0.1", 3735, "tcp://10.0.0.1:3735")],
    ["tcp://[::1]:3735/", tcp("::1", 3735, "tcp://[::1]:3735")],
    [
      "tcp://node.example:1?api=v1",
      { ...tcp("node.example", 1, "tcp://node.example:1"), apiVersion: "v1" },
    ],
    ["embedded:", { kind: "embedded", text: "embedded:" }],
    ["embedded", { kind: "embedded", text: "embedded:" }],
  ];
  for (const [text, expected] of good) {
    it(`is read from ${text}`, () => assert.deepEqual(parseEndpoint(text), expected));
  }

  const bad: [string, RegExp][] = [
    ["", /write unix:/],
    ["run/containerd.sock", /write unix:/],
    ["unix://run/containerd.sock", /write unix:\/\/\/run\/containerd\.sock/],
    ["unix:/run/containerd.sock", /write unix:\/\/\/run\/containerd\.sock/],
    ["unix://", /absolute/],
    ["unix:///", /write unix:/],
    ["/run/dir/", /write unix:/],
    ["unix:///run/%zz", /%25/],
    [`/${"x".repeat(107)}`, /at most 107 bytes/],
    ["tcp://host", /HOST:PORT/],
    ["tcp://host:0", /from 1 to 65535/],
    ["tcp://host:70000", /from 1 to 65535/],
    ["tcp://:1", /HOST:PORT/],
    ["localhost:3735", /write tcp:\/\/localhost:3735/],
    ["http://localhost:3735", /write tcp:\/\/localhost:3735/],
    ["npipe:////./pipe/containerd", /write unix:/],
    ["unix:///run/x.sock?api=v2", /v1alpha2/],
    ["unix:///run/x.sock?timeout=1", /"timeout" is not an endpoint option/],
    ["embedded:/var/lib/x", /CRISH_ROOT/],
  ];
  for (const [text, hint] of bad) {
    it(`is refused with a hint for "${text.slice(0, 40)}"`, () => {
      assert.throws(
        () => parseEndpoint(text),
        (error) => {
          assert.ok(error instanceof StatusError && error.code === "InvalidArgument");
          assert.equal(error.message, `malformed endpoint "${text}"`);
          assert.match(error.hint ?? "", hint);
          return true;
        },
      );
    });
  }
});

describe("the time of a call", () => {
  const cases: [Parameters<typeof callTimeoutMs>[0], object, number][] = [
    ["stopContainer", { timeout: 60n }, 70_000],
    ["stopContainer", { timeout: 0n }, 10_000],
    ["stopContainer", { timeout: -5n }, 10_000],
    ["stopContainer", { timeout: 2n ** 62n }, 0],
    ["execSync", { timeout: 5n }, 15_000],
    ["execSync", { timeout: 0n }, 0],
    ["runPodSandbox", {}, 240_000],
    ["pullImage", {}, 0],
    ["listContainers", {}, 10_000],
    ["imageFsInfo", {}, 30_000],
  ];
  for (const [method, request, expected] of cases) {
    const shown = JSON.stringify(request, (_key, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    it(`is ${expected} ms for ${method} ${shown}`, () => {
      assert.equal(callTimeoutMs(method, request), expected);
    });
  }
});

describe("a streaming URL", () => {
  const cases: [string, string][] = [
    ["http://127.0.0.1:4000/exec/x", "http://127.0.0.1:4000/exec/x"],
    ["https://node:1/attach/x", "https://node:1/attach/x"],
    ["/exec/x", "http://127.0.0.1:10250/exec/x"],
    ["//node:1/exec/x", "http://node:1/exec/x"],
    ["http:///exec/x", "http://127.0.0.1:10250/exec/x"],
    ["node:1/exec/x", "http://node:1/exec/x"],
  ];
  for (const [url, expected] of cases) {
    it(`is completed from ${url}`, () => assert.equal(completeStreamUrl(url), expected));
  }
});

function tcp(host: string, port: number, text: string): object {
  return { kind: "tcp", text, host, port, apiVersion: undefined };
}
