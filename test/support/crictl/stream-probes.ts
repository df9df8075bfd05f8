import assert from "node:assert/strict";
import { once } from "node:events";
import { uniqueSuffix } from "../unique.ts";
import { type Probe, type Probes, prints, refuses, shared } from "./probe.ts";
import type { World } from "./world.ts";

/** Of a streaming server without TLS nothing comes of these, as in crictl; they are taken. */
function tlsProbes(run: (world: World, flags: readonly string[]) => Promise<void>): Probes {
  return shared(["--tls-sni", "--tls-ca", "--tls-cert", "--tls-key"], async (world) => {
    const file = await world.file("tls.pem", "");
    await run(world, ["--tls-ca", file, "--tls-cert", file, "--tls-key", file, "--tls-sni", "x"]);
  });
}

/** containerd 1.6 streams over SPDY alone. */
function transportProbe(run: (world: World, transport: string) => Promise<void>): Probe {
  return async (world) => {
    await run(world, "spdy");
    if (world.target.name === "embedded") await run(world, "websocket");
  };
}

const execProbes: Probes = {
  "--sync": prints(["exec", "--sync", "web", "echo", "done"], /^done$/),
  "--timeout": async ({ target }) => {
    const result = await target.crish(["exec", "-s", "--timeout", "1", "web", "sleep", "30"]);
    assert.notEqual(result.status, 0);
  },
  "--tty": refuses(["exec", "-t", "-i", "web", "true"], 125, /terminal/),
  "--interactive": async ({ target }) => {
    assert.equal(await target.out(["exec", "-i", "web", "cat"], { input: "given" }), "given");
  },
  "--state": prints(["exec", "--state", "running", "echo", "in"], /^[0-9a-f]{64}:\nin$/),
  "--quiet": prints(["exec", "--quiet", "--name", "web", "echo", "in"], /^in$/),
  "--ignore-errors": prints(["exec", "--ignore-errors", "web", "false"], /^$/),
  "--parallel": prints(["exec", "--parallel", "--name", "web", "echo", "in"], /in$/),
  "--transport": transportProbe(async ({ target }, transport) => {
    assert.equal(await target.out(["exec", "-r", transport, "web", "echo", "in"]), "in");
  }),
  ...tlsProbes(async ({ target }, flags) => {
    assert.equal(await target.out(["exec", ...flags, "web", "echo", "in"]), "in");
  }),
};

/** Attaches to a container that answers one line, and returns what came. */
async function converse(world: World, flags: readonly string[]): Promise<string> {
  const name = `talk-${uniqueSuffix()}`;
  await world.extra(name, {
    command: ["sh", "-c", 'read line; echo "got $line"; sleep 0.2'],
    stdin: true,
    stdin_once: true,
  });
  return await world.target.out(["attach", "--stdin", ...flags, name], { input: "hello\n" });
}

const attachProbes: Probes = {
  "--tty": refuses(["attach", "-t", "-i", "web"], 1, /terminal/),
  "--stdin": async (world) => assert.equal(await converse(world, []), "got hello"),
  "--transport": transportProbe(async (world, transport) =>
    assert.equal(await converse(world, ["--transport", transport]), "got hello"),
  ),
  ...tlsProbes(async (world, flags) => assert.equal(await converse(world, flags), "got hello")),
};

/** Fetches a page of the pod through a forwarded port. */
async function forward(world: World, flags: readonly string[]): Promise<void> {
  const child = world.target.spawn(["port-forward", ...flags, "front", ":8080"]);
  const ended = once(child, "exit");
  let said = "";
  child.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  for await (const chunk of child.stdout ?? []) {
    said += chunk;
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
    assert.equal(await page.text(), "hello World\n");
    child.kill("SIGINT");
    await ended;
    return;
  }
  assert.fail(`it ended: ${said}`);
}

const logProbes: Probes = {
  "--follow": prints(["logs", "--follow", "job"], /^second\nend$/),
  "--previous": prints(["logs", "--previous", "job"], /^first\nend$/),
  "--reopen": prints(["logs", "--reopen", "web"], /^(up)?$/),
  "--tail": prints(["logs", "--tail", "1", "job"], /^end$/),
  "--limit-bytes": prints(["logs", "--limit-bytes", "3", "job"], /^sec$/),
  "--since": async ({ target }) => {
    assert.equal(await target.out(["logs", "--since", "1h", "job"]), "second\nend");
    assert.equal(await target.out(["logs", "--since", "2100-01-01T00:00:00Z", "job"]), "");
  },
  "--timestamps": prints(
    ["logs", "-t", "job"],
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\S+ second\n/,
  ),
  "--stream": async ({ target }) => {
    const { stdout, stderr } = await target.crish(["logs", "--stream", "stderr", "job"]);
    assert.deepEqual([stdout, stderr], ["", "wrong\n"]);
  },
};

export const STREAM_PROBES: Readonly<Record<string, Probes>> = {
  exec: execProbes,
  attach: attachProbes,
  "port-forward": {
    "--transport": transportProbe((world, transport) => forward(world, ["-r", transport])),
    ...tlsProbes(forward),
  },
  logs: logProbes,
};
