import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { startOtlpCollector } from "../otlp-collector.ts";
import { uniqueSuffix } from "../unique.ts";
import { waitUntil } from "../wait-until.ts";
import {
  assertRefused,
  either,
  type Probe,
  type Probes,
  prints,
  printsJson,
  refuses,
  type Words,
  without,
  wordsOf,
} from "./probe.ts";
import { STREAM_PROBES } from "./stream-probes.ts";
import { CREDENTIALS, type World } from "./world.ts";

/** Registry flags of pull, create and run; `words` are the command with that image and those flags. */
function registryProbes(
  words: (world: World, image: string, flags: readonly string[]) => Promise<readonly string[]>,
): Probes {
  const image = ({ registry }: World, part: string) =>
    `${registry.host}/${part}/${uniqueSuffix()}:1`;
  const works =
    (part: string, ...flags: string[]): Probe =>
    async (world) => {
      const before = world.registry.requests.length;
      await world.target.out([...(await words(world, image(world, part), flags))]);
      assert.ok(world.registry.requests.length > before, "the image is pulled");
    };
  return {
    "--creds": works("locked", "--creds", CREDENTIALS),
    "--auth": works("locked", "--auth", Buffer.from(CREDENTIALS).toString("base64")),
    "--username": async (world) => {
      const result = await world.target.crish([
        ...(await words(world, image(world, "locked"), ["-u", "me"])),
      ]);
      assertRefused(result, 1, /without a terminal/);
    },
    "--pull-timeout": async (world) => {
      const startedAt = Date.now();
      const flags = ["--pull-timeout", "500ms"];
      const result = await world.target.crish([
        ...(await words(world, image(world, "slow"), flags)),
      ]);
      assert.notEqual(result.status, 0);
      assert.ok(Date.now() - startedAt < 20_000);
    },
    "--with-pull": works("open", "--with-pull"),
    "--no-pull": async (world) => {
      const before = world.registry.requests.length;
      const result = await world.target.crish([
        ...(await words(world, image(world, "open"), ["--no-pull"])),
      ]);
      assert.notEqual(result.status, 0);
      assert.equal(world.registry.requests.length, before);
    },
    "--cancel-timeout": works("open", "--with-pull", "--cancel-timeout", "1m"),
  };
}

const pullProbes: Probes = {
  ...without(
    registryProbes(async (_world, image, flags) => ["pull", ...flags, image]),
    ...["--with-pull", "--no-pull", "--cancel-timeout"],
  ),
  "--pod-config": async ({ target, registry, frontFile }) => {
    await target.out(["pull", "--pod-config", frontFile, `${registry.host}/open/sent:1`]);
  },
  "--annotation": async ({ target, registry }) => {
    await target.out(["pull", "-a", "a=b", "--annotation", "c=d", `${registry.host}/open/noted:1`]);
  },
};

const named = (image: string) => ({
  metadata: { name: `made-${uniqueSuffix()}` },
  image: { image },
});
const createProbes = registryProbes(async (world, image, flags) => {
  const pull = flags.includes("--no-pull") ? [] : ["--with-pull"];
  return [
    "create",
    ...pull,
    ...flags,
    world.front,
    await world.container("made", named(image)),
    world.frontFile,
  ];
});
const runProbes: Probes = {
  ...registryProbes(async (world, image, flags) => [
    "run",
    ...flags,
    await world.container("made", named(image)),
    await world.pod(),
  ]),
  "--runtime": handlerProbe(async (world) => [
    "run",
    await world.container("handled"),
    await world.pod(),
  ]),
};
const runpProbes: Probes = {
  "--runtime": handlerProbe(async (world) => ["runp", await world.pod()]),
  "--cancel-timeout": async (world) => {
    await world.target.out(["runp", "-T", "1m", await world.pod()]);
  },
};

/** A handler that is not there is refused; runc is everywhere. */
function handlerProbe(words: (world: World) => Promise<readonly [string, ...string[]]>): Probe {
  return async (world) => {
    const [verb, ...files] = await words(world);
    const { status, stderr } = await world.target.crish([verb, "-r", "none", ...files]);
    assert.notEqual(status, 0);
    assert.match(stderr, /"none"/);
    await world.target.out([verb, "--runtime", "runc", ...files]);
    assert.match(await world.target.out(["pods"]), / runc\b/);
  };
}

const rmProbes: Probes = {
  "--force": async (world) => {
    const id = await world.extra("forced");
    assert.equal((await world.target.crish(["rm", id])).status, 1);
    await world.target.out(["rm", "--force", id]);
  },
  "--keep-logs": async (world) => {
    const id = await world.extra("logged", { log_path: "kept.log" });
    await world.target.out(["rm", "-f", "-k", id]);
    await access(join(world.target.directory, "logs", "kept.log"));
  },
  "--all": async ({ target, web }) => {
    assert.match(await target.out(["rm", "--all", "--force", "-y"]), new RegExp(web));
    assert.equal(await target.out(["ps", "-aq"]), "");
  },
};
const rmpProbes: Probes = {
  "--force": async ({ target, pod }) => {
    const id = await target.out(["runp", await pod()]);
    assert.equal((await target.crish(["rmp", id])).status, 1);
    await target.out(["rmp", "--force", id]);
  },
  "--all": async ({ target }) => {
    await target.out(["rmp", "--all", "-f", "-y"]);
    assert.equal(await target.out(["pods", "-q"]), "");
  },
};
const rmiProbes: Probes = {
  "--prune": async ({ target, registry }) => {
    const image = `${registry.host}/open/unused:1`;
    await target.out(["pull", image]);
    await target.out(["rmi", "--prune", "-y"]);
    assert.doesNotMatch(await target.out(["images"]), /open\/unused/);
    assert.match(await target.out(["images"]), /localhost\/busybox/);
  },
  "--all": async ({ target }) => {
    await target.out(["rmi", "--all", "-y"]);
    assert.equal(await target.out(["images", "-q"]), "");
  },
};
const stopProbes: Probes = {
  "--timeout": async (world) => {
    const script = "trap 'echo told' TERM; echo ready; while :; do sleep 0.05; done";
    const fields = { command: ["sh", "-c", script], log_path: "stopped.log" };
    const id = await world.extra("stopped", fields);
    const log = () => world.target.out(["logs", id]);
    await waitUntil("the trap is set", async () => (await log()) === "ready");
    // Without a grace nothing is told that it should end.
    await world.target.out(["stop", "--timeout", "0", id]);
    assert.equal(await log(), "ready");
  },
  "--all": async ({ target }) => {
    await target.out(["stop", "--all", "-t", "0", "-y"]);
    assert.equal(await target.out(["ps", "-q"]), "");
  },
};

/** Limits as the kernel has them for the container, by the last part of the file's name. */
const updates =
  (flag: string, value: string, file: string, expected: string): Probe =>
  async ({ target, web }) => {
    await target.out(["update", flag, value, web]);
    const find = `cat /sys/fs/cgroup/${file} /sys/fs/cgroup/*/${file} 2>/dev/null | head -n1`;
    assert.equal(await target.out(["exec", web, "sh", "-c", find]), expected);
  };
const updateProbes: Probes = {
  "--cpu-period": updates("--cpu-period", "50000", "cpu.cfs_period_us", "50000"),
  "--cpu-quota": updates("--cpu-quota", "20000", "cpu.cfs_quota_us", "20000"),
  "--cpu-share": updates("--cpu-share", "512", "cpu.shares", "512"),
  "--memory": updates("--memory", "134217728", "memory.limit_in_bytes", "134217728"),
  "--cpuset-cpus": updates("--cpuset-cpus", "0", "cpuset.cpus", "0"),
  "--cpuset-mems": updates("--cpuset-mems", "0", "cpuset.mems", "0"),
  "--oom-score-adj": prints(["update", "--oom-score-adj", "500", "web"], /^web$/),
  // Of Windows: taken, and nothing comes of them here.
  "--cpu-count": prints(["update", "--cpu-count", "1", "web"], /^web$/),
  "--cpu-maximum": prints(["update", "--cpu-maximum", "5000", "web"], /^web$/),
};

const config =
  (...flags: string[]): Words =>
  async (world) => {
    const file = await world.file("crictl.yaml", "timeout: 7 # kept\n");
    return ["--config", file, "config", ...flags];
  };
const configProbes: Probes = {
  "--get": prints(config("--get", "timeout"), /^7$/),
  "--list": prints(config("--list"), /^timeout\s+7$/m),
  "--set": async (world) => {
    await world.target.out(await wordsOf(config("--set", "timeout=9,debug=true"), world));
    const text = await readFile(join(world.target.directory, "crictl.yaml"), "utf8");
    assert.equal(text, "timeout: 9 # kept\ndebug: true\n");
  },
};

/** Events of a container that comes while the command waits for one. */
async function awaitEvent(world: World, flags: readonly string[]): Promise<string> {
  const waiting = world.target.out(["events", "-n", "1", ...flags]);
  let done = false;
  const settle = () => {
    done = true;
  };
  waiting.then(settle, settle);
  while (!done) await world.target.out(["rm", "-f", await world.extra(`event-${uniqueSuffix()}`)]);
  return await waiting;
}
const event = (flags: readonly string[], pattern: RegExp): Probe =>
  either({
    embedded: async (world) => assert.match(await awaitEvent(world, flags), pattern),
    containerd: refuses(["events", ...flags], 1, /does not|not implement|unimplemented|unknown/i),
  });

const schema = (verb: string): Probes => ({
  "--pod": printsJson([verb, "jsonschema", "--pod"], (document) =>
    JSON.stringify(document).includes("hostname"),
  ),
  "--container": printsJson([verb, "jsonschema", "-c"], (document) =>
    JSON.stringify(document).includes("workingDir"),
  ),
});

/** A socket on which nobody answers. */
async function silentEndpoint({ cleanup, target }: World): Promise<string> {
  const path = join(target.directory, `${uniqueSuffix()}.sock`);
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(path, resolve));
  cleanup.add("close the silent socket", () => void server.close());
  server.unref();
  return `unix://${path}`;
}

const traced =
  (rate: string, expected: boolean): Probe =>
  async ({ target, cleanup }) => {
    const collector = await startOtlpCollector(cleanup);
    const flags = ["--enable-tracing", "--tracing-endpoint", collector.address];
    await target.out([...flags, "--tracing-sampling-rate-per-million", rate, "pods"]);
    assert.equal(collector.spans.length > 0, expected);
  };

const elsewhere = ["-i", "unix:///nonexistent.sock", "--max-retries", "0", "images"];
const imageEndpoint = either({
  embedded: refuses(elsewhere, 2, /has its own images and cannot use "unix:\/\/\/nonexistent/),
  containerd: refuses(elsewhere, 3, /nonexistent/),
});

const globalProbes: Probes = {
  "--config": async (world) => {
    const file = await world.file("endpoint.yaml", "runtime-endpoint: unix:///nonexistent.sock\n");
    const env = { CONTAINER_RUNTIME_ENDPOINT: "" };
    assertRefused(await world.target.crish(["-c", file, "ps"], { env }), 3, /nonexistent\.sock/);
  },
  "--runtime-endpoint": refuses(
    ["-r", "unix:///nonexistent.sock", "--max-retries", "0", "ps"],
    3,
    /nonexistent/,
  ),
  "--image-endpoint": imageEndpoint,
  "--timeout": async (world) => {
    const startedAt = Date.now();
    const words = [
      "--timeout",
      "300ms",
      "-r",
      await silentEndpoint(world),
      "--max-retries",
      "0",
      "ps",
    ];
    assert.equal((await world.target.crish(words)).status, 3);
    assert.ok(Date.now() - startedAt < 10_000);
  },
  "--debug": async ({ target }) => {
    const { status, stderr } = await target.crish(["-D", "ps"]);
    assert.equal(status, 0);
    assert.match(stderr, /^debug: ListContainersRequest .*\ndebug: ListContainersResponse .*web/m);
  },
  "--max-retries": refuses(
    ["--max-retries", "1", "-r", "unix:///nonexistent.sock", "ps"],
    3,
    /nonexistent/,
  ),
  "--enable-tracing": traced("-1", true),
  "--tracing-endpoint": traced("1000000", true),
  "--tracing-sampling-rate-per-million": traced("0", false),
  "--profile-cpu": prints(
    (world) => ["--profile-cpu", join(world.target.directory, "cpu"), "version"],
    /RuntimeName/,
  ),
  "--profile-mem": prints(
    (world) => ["--profile-mem", join(world.target.directory, "mem"), "version"],
    /RuntimeName/,
  ),
  "--version": prints(["-v"], /version \d/),
};

export const ACT_PROBES: Readonly<Record<string, Probes>> = {
  "(global)": globalProbes,
  ...STREAM_PROBES,
  pull: pullProbes,
  create: createProbes,
  run: runProbes,
  runp: runpProbes,
  rm: rmProbes,
  rmp: rmpProbes,
  rmi: rmiProbes,
  stop: stopProbes,
  update: updateProbes,
  config: configProbes,
  events: {
    "--output": event(["-o", "yaml"], /containerEventType: /),
    "--template": event(
      ["-o", "go-template", "--template", "{{.containerEventType}}"],
      /^CONTAINER_/,
    ),
  },
  checkpoint: {
    "--export": refuses(
      (world) => ["checkpoint", "--export", join(world.target.directory, "c.tar"), "web"],
      1,
      /checkpoint|criu/i,
    ),
  },
  "create jsonschema": schema("create"),
  "run jsonschema": schema("run"),
  "update-runtime-config": {
    "--pod-cidr": prints(["update-runtime-config", "--pod-cidr", "10.9.0.0/16"], /^$/),
  },
};
