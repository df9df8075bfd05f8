import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import type { RunResult } from "../support/run.ts";

interface BadInput {
  /** What the user does, as the title. */
  does: string;
  args: string[];
  env?: Record<string, string>;
  /** Written to the test's directory before; `FILE/name` in args names it. */
  file?: { name: string; text: string };
  status: number;
  /** In the first line. */
  says: RegExp;
  /** In the second line, which is the hint. */
  hints?: RegExp;
}

const POD = '{"metadata": {"name": "x", "uid": "x", "namespace": "x"}';

const TABLE: readonly BadInput[] = [
  {
    does: "an unknown flag",
    args: ["ps", "--quite"],
    status: 2,
    says: /"--quite"/,
    hints: /--quiet/,
  },
  { does: "an unknown command", args: ["pss"], status: 2, says: /"pss"/, hints: /\bps\b/ },
  { does: "a missing argument", args: ["stopp"], status: 2, says: /stopp/ },
  { does: "a flag without its value", args: ["ps", "--state"], status: 2, says: /--state/ },
  {
    does: "a value of the wrong type",
    args: ["logs", "--tail", "x", "c"],
    status: 2,
    says: /tail.*"x"/,
  },
  {
    does: "a file that is not there",
    args: ["runp", "/no/such.json"],
    status: 2,
    says: /"\/no\/such\.json"/,
  },
  {
    does: "an archive that is not there",
    args: ["load", "/no/such.tar"],
    status: 2,
    says: /"\/no\/such\.tar"/,
  },
  {
    does: "malformed JSON",
    args: ["runp", "FILE/bad.json"],
    file: { name: "bad.json", text: `{\n  "metadata": {"name": "x"\n  "uid": 1}}\n` },
    status: 2,
    says: /bad\.json:3:\d+: /,
  },
  {
    does: "malformed YAML",
    args: ["runp", "FILE/bad.yaml"],
    file: { name: "bad.yaml", text: "metadata:\n  name: x\n uid: y\n" },
    status: 2,
    says: /bad\.yaml:3:\d+: /,
  },
  {
    does: "an unknown configuration field",
    args: ["runp", "FILE/unknown.json"],
    file: { name: "unknown.json", text: `${POD}, "dns_config": {"serverz": []}}` },
    status: 2,
    says: /dns_config\.serverz/,
    hints: /servers/,
  },
  {
    does: "an unknown field of the runtime's configuration",
    args: ["ps"],
    file: { name: "runtime.yaml", text: "network:\n  bridj: x\n" },
    env: { CRISH_RUNTIME_CONFIG: "FILE/runtime.yaml" },
    status: 2,
    says: /network\.bridj/,
    hints: /bridge/,
  },
  {
    does: "an unknown key of crictl.yaml",
    args: ["ps"],
    file: { name: "crictl.yaml", text: "runtime-endpont: unix:///x\n" },
    env: { CRI_CONFIG_FILE: "FILE/crictl.yaml" },
    status: 2,
    says: /runtime-endpont/,
    hints: /runtime-endpoint/,
  },
  {
    does: "a reference that does not parse",
    args: ["pull", "UPPER CASE"],
    status: 2,
    says: /"UPPER CASE"/,
  },
  { does: "a container that is not there", args: ["inspect", "nope"], status: 4, says: /"nope"/ },
  { does: "a pod that is not there", args: ["inspectp", "nope"], status: 4, says: /"nope"/ },
  { does: "an image that is not there", args: ["inspecti", "nope"], status: 4, says: /"nope/ },
  {
    does: "logs of a container that is not there",
    args: ["logs", "nope"],
    status: 4,
    says: /"nope"/,
  },
  { does: "stopping what is not there", args: ["stop", "nope"], status: 4, says: /"nope"/ },
  {
    does: "exec in what is not there",
    args: ["exec", "nope", "true"],
    status: 125,
    says: /"nope"/,
  },
  {
    does: "run -d of an image that is nowhere",
    args: ["run", "-d", "127.0.0.1:1/none:1"],
    status: 3,
    says: /127\.0\.0\.1:1/,
  },
  {
    does: "run -d in a directory that is not absolute",
    args: ["run", "-d", "-w", "tmp", "localhost/busybox:test"],
    status: 2,
    says: /"tmp"/,
  },
  {
    does: "run -d of a program that is not there",
    args: ["run", "-d", "localhost/busybox:test", "/no/such/program"],
    status: 4,
    says: /no\/such\/program/,
  },
  {
    does: "run of a configuration file that is not there",
    args: ["run", "/no/such.json", "/no/pod.json"],
    status: 2,
    says: /"\/no\/such\.json"/,
  },
  {
    does: "an attached run of an image that is nowhere",
    args: ["run", "127.0.0.1:1/none:1"],
    status: 125,
    says: /127\.0\.0\.1:1/,
  },
  {
    does: "a socket that is not there",
    args: ["-r", "unix:///no/such.sock", "ps"],
    status: 3,
    says: /no\/such\.sock/,
    hints: /running/,
  },
  {
    does: "a malformed endpoint",
    args: ["-r", "foo", "ps"],
    status: 2,
    says: /"foo"/,
    hints: /unix:/,
  },
];

describe("bad input gets one clear line and the right status, and changes nothing", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let untouched: string;
  before(async () => {
    target = await embeddedCli(cleanup);
    untouched = await everything();
  });

  for (const input of TABLE) {
    it(input.does, async () => {
      const directory = join(target.directory, "bad-input");
      await mkdir(directory, { recursive: true });
      if (input.file) await writeFile(join(directory, input.file.name), input.file.text);
      const inPlace = (text: string) => text.replace(/^FILE/, directory);
      const env = Object.fromEntries(
        Object.entries(input.env ?? {}).map(([name, value]) => [name, inPlace(value)]),
      );
      const result = await target.crish(input.args.map(inPlace), { env, timeoutMs: 30_000 });
      assertOneClearLine(result, input);
      assert.equal(await everything(), untouched, "something has changed");
    });
  }

  it("a stdout that takes no more ends the command with 1", async () => {
    const full = await open("/dev/full", "w");
    try {
      const { command, args } = crishCommand();
      const child = spawn(command, [...args, "images"], {
        env: crishEnvironment(target.env),
        stdio: ["ignore", full.fd, "pipe"],
      });
      assert.ok(child.stderr);
      const stderr = text(child.stderr);
      const [status] = await once(child, "close");
      assert.equal(await stderr, "crish: cannot write to stdout: no space left on the device\n");
      assert.equal(status, 1);
    } finally {
      await full.close();
    }
  });

  it("an ID that matches two names both", async () => {
    const pod = join(target.directory, "pod.json");
    const container = join(target.directory, "container.json");
    await writeFile(pod, `${POD}}`);
    const podId = await target.out(["runp", pod]);
    const ids: string[] = [];
    while (new Set(ids.map((id) => id[0])).size === ids.length) {
      const metadata = { name: `c${ids.length}` };
      const config = { metadata, image: { image: target.image }, command: ["sleep", "1000"] };
      await writeFile(container, JSON.stringify(config));
      ids.push(await target.out(["create", podId, container, pod]));
    }
    const prefix = ids.at(-1)?.[0] ?? "";
    const result = await target.crish(["rm", prefix]);
    assert.equal(result.status, 2, result.stderr);
    const both = ids.filter((id) => id.startsWith(prefix));
    for (const id of both) assert.ok(result.stderr.includes(id.slice(0, 12)), result.stderr);
    assert.equal(
      JSON.parse(await target.out(["ps", "-a", "-o", "json"])).containers.length,
      ids.length,
    );
    await target.out(["rmp", "-f", podId]);
  });

  async function everything(): Promise<string> {
    const lists = await Promise.all([
      target.out(["pods", "-q"]),
      target.out(["ps", "-a", "-q"]),
      target.out(["images", "-q"]),
    ]);
    return [...lists, ...(await target.root.leaks())].join("\n");
  }
});

function assertOneClearLine(
  result: RunResult,
  expected: Pick<BadInput, "status" | "says" | "hints">,
) {
  const { status, stdout, stderr } = result;
  assert.equal(status, expected.status, stderr);
  assert.equal(stdout, "");
  const [first = "", second, ...more] = stderr.trimEnd().split("\n");
  assert.match(first, expected.says);
  assert.deepEqual(more, [], `more than a line and a hint: ${stderr}`);
  if (second !== undefined) assert.match(second, /^hint: /);
  if (expected.hints !== undefined) assert.match(second ?? "", expected.hints);
  assert.ok(!/\n\s+at /.test(stderr), "a stack trace");
}
