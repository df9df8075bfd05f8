import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as api from "../../../src/cri/gen/runtime/v1/api.ts";
import { FIELDS } from "../../../src/cri/gen/runtime/v1/fields.ts";
import { fieldsOf, type MessageName } from "../../../src/cri/json/field-table.ts";
import { fromJson } from "../../../src/cri/json/from-json.ts";
import { toJson } from "../../../src/cri/json/to-json.ts";
import type { Codec } from "../../../src/cri/methods.ts";
import { parseConfigText } from "../../../src/cri/parse-config-text.ts";
import { hasCode, type StatusError } from "../../../src/errors/status-error.ts";

const codecs = api as unknown as Readonly<Record<string, Codec<object>>>;
const names = Object.keys(FIELDS) as MessageName[];

describe("the JSON mapping", () => {
  it("has the very fields of every generated message, with their defaults", () => {
    for (const name of names) {
      const decoded = codecs[name]?.decode(new Uint8Array(0)) ?? {};
      assert.deepEqual(
        fieldsOf(name).map((field) => field.name),
        Object.keys(decoded),
        name,
      );
      const plain = JSON.stringify(fromJson(name, {}), withBigInts);
      assert.equal(plain, JSON.stringify(decoded, withBigInts), name);
    }
  });

  it("writes defaults, leaves unset messages out, and names enums", () => {
    assert.deepEqual(toJson("PortMapping", fromJson("PortMapping", {})), {
      protocol: "TCP",
      containerPort: 0,
      hostPort: 0,
      hostIp: "",
    });
    const json = toJson("Container", fromJson("Container", { state: 2, created_at: 5 }));
    assert.equal(json.state, "CONTAINER_EXITED");
    assert.equal(json.createdAt, "5");
    assert.ok(!("metadata" in json));
    assert.deepEqual(json.labels, {});
  });

  it("writes an enum number that it does not know as the number", () => {
    const container = { ...fromJson("Container", {}), state: 9 };
    assert.equal(toJson("Container", container).state, 9);
  });

  it("writes bytes as base64 and keeps 64-bit integers exact", () => {
    const answer = fromJson("ExecSyncResponse", { stdout: "aGk=" });
    assert.deepEqual(Buffer.from(answer.stdout).toString(), "hi");
    assert.equal(toJson("ExecSyncResponse", answer).stdout, "aGk=");
    const value = { value: "18446744073709551615" };
    assert.deepEqual(toJson("UInt64Value", fromJson("UInt64Value", value)), value);
  });

  it("reads the same message from snake_case and camelCase, names and numbers", () => {
    const snake = { port_mappings: [{ protocol: "UDP", container_port: 53 }] };
    const camel = { portMappings: [{ protocol: 1, containerPort: 53n }] };
    assert.deepEqual(fromJson("PodSandboxConfig", snake), fromJson("PodSandboxConfig", camel));
  });

  it("takes null for the default of any field", () => {
    const config = fromJson("ContainerConfig", { metadata: null, args: null, tty: null });
    assert.deepEqual(config, fromJson("ContainerConfig", {}));
  });

  it("reads the value of an environment variable as plain text", () => {
    const { envs } = fromJson("ContainerConfig", { envs: [{ key: "PATH", value: "/bin:ä" }] });
    assert.equal(Buffer.from(envs[0]?.value ?? []).toString(), "/bin:ä");
  });

  it("keeps a label called __proto__ a label", () => {
    const labels = JSON.parse('{"__proto__": "x"}');
    const config = fromJson("PodSandboxConfig", { labels });
    assert.deepEqual(Object.keys(config.labels), ["__proto__"]);
    assert.equal(JSON.stringify(toJson("PodSandboxConfig", config).labels), '{"__proto__":"x"}');
  });
});

describe("a configuration file", () => {
  const good: [string, string][] = [
    ["JSON", '{"metadata": {"name": "web"}, "log_path": "web.log"}'],
    [
      "JSON indented with tabs",
      '{\n\t"metadata": {\n\t\t"name": "web"\n\t},\n\t"logPath": "web.log"\n}',
    ],
    ["JSON after a byte order mark", '\uFEFF{"metadata": {"name": "web"}, "log_path": "web.log"}'],
    ["YAML", "metadata:\n  name: web\nlog_path: web.log\n"],
  ];
  for (const [form, text] of good) {
    it(`is understood as ${form}`, async () => {
      const config = await parseConfigText("ContainerConfig", text, "c");
      assert.equal(config.metadata?.name, "web");
      assert.equal(config.logPath, "web.log");
    });
  }

  it("keeps an integer beyond 2^53 exact", async () => {
    const text = '{"linux": {"security_context": {"run_as_user": {"value": 9007199254740993}}}}';
    const config = await parseConfigText("ContainerConfig", text, "c");
    assert.equal(config.linux?.securityContext?.runAsUser?.value, 9_007_199_254_740_993n);
  });

  const bad: [what: string, text: string, message: string, hint?: string][] = [
    [
      "an unknown field",
      '{\n "image": {"imag": "x"}}',
      'c.json:2:12: unknown field "image.imag"',
      'did you mean "image"?',
    ],
    [
      "an unknown camelCase field",
      '{"workingDri": "/"}',
      'c.json:1:2: unknown field "workingDri"',
      'did you mean "workingDir"?',
    ],
    [
      "a missing comma",
      '{"tty": true\n "stdin": true}',
      "c.json:1:9: missing , or a key that spans lines",
    ],
    [
      "an object without an end",
      '{"metadata": {"name": "x"',
      'c.json:1:26: expected "}" here or further on',
    ],
    ["a key given twice", "tty: true\ntty: false", "c.json:2:1: map keys must be unique"],
    [
      "a field in both spellings",
      "logPath: a\nlog_path: b",
      'c.json:2:1: field "log_path": it is given twice',
    ],
    ["an empty file", "", "c.json: the file is empty"],
    ["a comment alone", "# nothing\n", "c.json: the file is empty"],
    ["a list", "- tty", "c.json:1:1: expected an object, got a list"],
    [
      "two documents",
      "{}\n---\n{}",
      "c.json: more than one document",
      "put each pod or container in a file of its own",
    ],
    [
      "a Kubernetes pod",
      "apiVersion: v1\nkind: Pod",
      "c.json: this is a Kubernetes Pod",
      "what is wanted is a CRI ContainerConfig",
    ],
    [
      "a number for a string",
      "metadata: {name: 5}",
      'c.json:1:12: field "metadata.name": expected a string, got a number',
      'write it in quotes: "5"',
    ],
    [
      "a boolean for a label",
      "labels: {a: true}",
      'c.json:1:10: field "labels.a": expected a string, got a boolean',
      'write it in quotes: "true"',
    ],
    [
      "a string for a boolean",
      'tty: "yes"',
      'c.json:1:1: field "tty": expected true or false, got a string',
    ],
    [
      "a negative attempt",
      "metadata: {attempt: -1}",
      'c.json:1:12: field "metadata.attempt": expected an integer from 0 to 4294967295, got -1',
    ],
    [
      "a fraction for an integer",
      "linux: {resources: {cpu_quota: 1.5}}",
      'c.json:1:21: field "linux.resources.cpu_quota": expected an integer from -9223372036854775808 to 9223372036854775807, got a number',
    ],
    [
      "an integer beyond 64 bits",
      "linux: {resources: {cpu_quota: 9223372036854775808}}",
      'c.json:1:21: field "linux.resources.cpu_quota": expected an integer from -9223372036854775808 to 9223372036854775807, got 9223372036854775808',
    ],
    [
      "an unknown enum name",
      "mounts:\n- propagation: PROPAGATION_PRIVAT",
      'c.json:2:3: field "mounts[0].propagation": unknown value "PROPAGATION_PRIVAT"',
      'did you mean "PROPAGATION_PRIVATE"?',
    ],
    [
      "an unknown enum number",
      "mounts:\n- propagation: 7",
      'c.json:2:3: field "mounts[0].propagation": unknown number 7',
      "it is one of 0 to 2",
    ],
    [
      "an object for a list",
      "envs: {A: b}",
      'c.json:1:1: field "envs": expected a list, got an object',
    ],
    ["an alias to nothing", "tty: *on", "c.json: its aliases cannot be resolved"],
  ];
  for (const [what, text, message, hint] of bad) {
    it(`with ${what} is refused with its place`, async () => {
      await assert.rejects(parseConfigText("ContainerConfig", text, "c.json"), (error) => {
        assert.ok(hasCode(error, "InvalidArgument"));
        assert.equal((error as StatusError).message, message);
        if (hint !== undefined) assert.equal((error as StatusError).hint, hint);
        return true;
      });
    });
  }

  it("whose aliases multiply without end is refused", async () => {
    const levels = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg"].map((pair) => [...pair])) {
      levels.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(",")}]`);
    }
    const parsing = parseConfigText("ContainerConfig", levels.join("\n"), "c.yaml");
    await assert.rejects(parsing, { code: "InvalidArgument" });
  });
});

function withBigInts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
