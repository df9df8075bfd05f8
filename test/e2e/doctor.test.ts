import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { serve } from "../../src/server/serve.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { startContainerd } from "../support/containerd.ts";
import { crish, crishCommand, crishEnvironment, crishOk, spawnCrish } from "../support/crish.ts";
import { createEmbeddedRoot, type EmbeddedRoot } from "../support/embedded-root.ts";
import { type RunResult, run, runOk } from "../support/run.ts";
import { fakeBackend } from "../support/scripted-backend.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

interface Finding {
  id: string;
  level: string;
  text: string;
  fix?: string;
}

/** The findings of `doctor -o json` by the start of their IDs. */
function findingsOf(result: RunResult): (id: string) => Finding[] {
  const { checks } = JSON.parse(result.stdout) as { checks: { findings: Finding[] }[] };
  const all = checks.flatMap(({ findings }) => findings);
  return (id) => all.filter((finding) => finding.id === id || finding.id.startsWith(`${id}.`));
}

describe("crish doctor", () => {
  const cleanup = cleanupAfter();
  let root: EmbeddedRoot;
  let directory: string;
  before(async () => {
    root = await createEmbeddedRoot(cleanup);
    directory = await temporaryDirectory(cleanup, "doctor");
  });

  /** Runs checks and returns the one finding with that ID. */
  async function finding(
    id: string,
    args: string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Finding & { status: number }> {
    const result = await crish(["doctor", "-o", "json", ...args], { env: { ...root.env, ...env } });
    const found = findingsOf(result)(id);
    assert.equal(found.length, 1, `${id}: ${result.stdout}${result.stderr}`);
    return { ...(found[0] as Finding), status: result.status };
  }

  async function file(name: string, text: string, mode = 0o644): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  }

  async function runtimeConfig(fields: object): Promise<{ CRISH_RUNTIME_CONFIG: string }> {
    const name = `runtime-${Math.random().toString(36).slice(2)}.yaml`;
    return { CRISH_RUNTIME_CONFIG: await file(name, JSON.stringify(fields)) };
  }

  describe("on a node that has all", () => {
    it("finds no fault, ends with 0 and makes nothing", async () => {
      const registry = await listen(createHttpServer((_request, response) => response.end("{}")));
      const result = await crish(["doctor", "--registry", registry], { env: root.env });
      assert.equal(result.status, 0, result.stdout);
      assert.match(result.stdout, /no faults.*; commands use embedded:\n$/);
      assert.match(result.stdout, new RegExp(`ok {4}${registry} \\(http://${registry}\\) answers`));
      assert.deepEqual((await readdir(root.directory)).sort(), ["net.d", "runtime.yaml"]);
    });

    it("prints JSON of a stable shape", async () => {
      const result = await crishOk(["doctor", "state", "-o", "json"], { env: root.env });
      const report = JSON.parse(result.stdout);
      assert.deepEqual(Object.keys(report).sort(), [
        "checks",
        "counts",
        "crish",
        "level",
        "runtime",
      ]);
      assert.deepEqual(report.counts, { ok: 1, warn: 0, fail: 0, unchecked: 0 });
      assert.deepEqual(report.checks[0], {
        id: "state",
        title: "database and leftovers",
        findings: [
          {
            id: "state.database",
            level: "ok",
            text: `no database yet: "${join(root.root, "crish.db")}"`,
          },
        ],
      });
    });

    it("refuses a check that is not there", async () => {
      const result = await crish(["doctor", "regstries"], { env: root.env });
      assert.equal(result.status, 2);
      assert.equal(
        result.stderr,
        'crish: there is no check "regstries"\nhint: did you mean registries?\n',
      );
    });
  });

  describe("programs", () => {
    it("that are missing are faults with the package to install", async () => {
      const hidden = ["runc", "conmon", "catatonit", "tar", "ip", "iptables", "nsenter"];
      const { command, args } = crishCommand();
      const words = [command, ...args, "doctor", "-o", "json", "programs", "firewall"];
      const script = `for name in ${hidden.join(" ")}; do
          path=$(readlink -f "$(command -v $name)") && mount --bind /dev/null "$path"
        done; exec "$@"`;
      const env = crishEnvironment(root.env);
      const result = await run("unshare", ["--mount", "sh", "-c", script, "sh", ...words], { env });
      assert.equal(result.status, 1, result.stderr);
      const found = findingsOf(result);
      const expected: readonly (readonly [id: string, fix: string, level?: string])[] = [
        ["programs.runc", "runc"],
        ["programs.conmon", "conmon"],
        ["programs.catatonit", "catatonit", "warn"],
        ["programs.tar", "tar"],
        ["programs.system", "mount util-linux"],
        ["firewall.iptables", "iptables"],
        ["firewall.iproute", "iproute2"],
      ];
      for (const [id, fix, level = "fail"] of expected) {
        const [first] = found(id);
        assert.equal(first?.level, level, `${id}: ${first?.text}`);
        assert.match(first?.fix ?? "", new RegExp(`apt-get install ${fix}`), id);
      }
    });

    it("a tar that is not GNU's is a fault: it could not unpack a layer", async () => {
      const place = join(directory, "path");
      await mkdir(place);
      await file("path/tar", "#!/bin/sh\necho busybox\n", 0o755);
      const PATH = `${place}:${process.env.PATH}`;
      const { level, text, fix } = await finding("programs.tar", ["programs"], { PATH });
      assert.equal(level, "fail");
      assert.match(text, /not GNU tar/);
      assert.equal(fix, "apt-get install tar");
    });

    it("that hang or fail are told within seconds", async () => {
      const hangs = await file("conmon-hangs", "#!/bin/sh\nexec sleep 1000\n", 0o755);
      const breaks = await file(
        "runc-breaks",
        "#!/bin/sh\necho no such library >&2; exit 127\n",
        0o755,
      );
      const env = await runtimeConfig({ conmon: hangs, handlers: { "": { path: breaks } } });
      const result = await crish(["doctor", "programs", "-o", "json"], {
        env: { ...root.env, ...env },
      });
      const found = findingsOf(result);
      assert.match(found("programs.conmon")[0]?.text ?? "", /does not run: .*longer than 3000 ms/);
      assert.match(found("programs.runc")[0]?.text ?? "", /does not run: no such library/);
      assert.equal(result.status, 1);
    });
  });

  describe("sockets", () => {
    const socket = (name: string) => join(directory, name);
    const endpoint = (name: string) => ({ CONTAINER_RUNTIME_ENDPOINT: `unix://${socket(name)}` });

    it("a server that answers is told with its version and its conditions", async () => {
      const backend = fakeBackend({
        version: async () => ({
          version: "0.1.0",
          runtimeName: "fake",
          runtimeVersion: "1.2.3",
          runtimeApiVersion: "v1",
        }),
        status: async () => ({
          status: {
            conditions: [
              { type: "RuntimeReady", status: true, reason: "", message: "" },
              { type: "NetworkReady", status: false, reason: "NoCni", message: "no list" },
            ],
          },
          info: {},
          runtimeHandlers: [],
          features: undefined,
        }),
      });
      const server = await serve(backend, { listen: `unix://${socket("fake.sock")}` });
      cleanup.add("close the fake server", () => server.close(0));
      const result = await crish(["doctor", "-o", "json", "sockets", "programs"], {
        env: { ...root.env, ...endpoint("fake.sock"), CRISH_RUNTIME_CONFIG: "/no/such.yaml" },
      });
      const found = findingsOf(result);
      assert.match(found("sockets.endpoint")[0]?.text ?? "", /: fake 1\.2\.3, CRI v1$/);
      const [runtime, network] = found("sockets.condition");
      assert.equal(runtime?.level, "ok");
      assert.match(network?.text ?? "", /not ready: NetworkReady, NoCni, no list/);
      assert.match(network?.fix ?? "", /CNI/);
      // Of the embedded runtime, which this node does not use.
      assert.equal(found("programs")[0]?.level, "warn");
      assert.equal(result.status, 1);
    });

    it("containerd answers with its name and version", async () => {
      const { endpoint: CONTAINER_RUNTIME_ENDPOINT } = await startContainerd(cleanup);
      const result = await crish(["doctor", "sockets", "programs"], {
        env: { ...root.env, CONTAINER_RUNTIME_ENDPOINT },
      });
      assert.match(result.stdout, /ok {4}unix:.*containerd\.sock: containerd .*, CRI v1\n/);
      assert.match(result.stdout, /NetworkReady\n/);
      assert.match(result.stdout, /commands use unix:.*containerd\.sock\n$/);
      assert.equal(result.status, 0, result.stdout);
    });

    it("one that nobody listens on is stale", async () => {
      const server = await listenOn(socket("stale.sock"));
      // Its file stays, as after a kill.
      await runOk("mv", [socket("stale.sock"), socket("kept.sock")]);
      await new Promise((resolve) => server.close(resolve));
      const { level, text, fix, status } = await finding(
        "sockets",
        ["sockets"],
        endpoint("kept.sock"),
      );
      assert.deepEqual([level, status], ["fail", 1]);
      assert.match(text, /nothing listens on .*kept\.sock": connection refused/);
      assert.match(fix ?? "", /remove the stale socket/);
    });

    it("one that takes the connection and is silent does not hold the doctor up", async () => {
      await listenOn(socket("silent.sock"));
      const { level, text } = await finding("sockets", ["sockets"], endpoint("silent.sock"));
      assert.equal(level, "fail");
      assert.match(text, /takes the connection and does not answer/);
    });

    it("one that speaks something else is no CRI server", async () => {
      await listenOn(socket("other.sock"), (connection) =>
        connection.end("HTTP/1.1 400 no\r\n\r\n"),
      );
      const { level, text } = await finding("sockets", ["sockets"], endpoint("other.sock"));
      assert.equal(level, "fail");
      assert.match(text, /answers, but not as CRI/);
    });

    it("a file that is no socket, and one that is not there", async () => {
      await file("plain.sock", "");
      assert.match(
        (await finding("sockets", ["sockets"], endpoint("plain.sock"))).text,
        /is no socket/,
      );
      const absent = await finding("sockets", ["sockets"], endpoint("absent.sock"));
      assert.match(absent.text, /is configured and not there/);
    });

    it("one that refuses us is told, and that root may use it", async () => {
      await listenOn(socket("private.sock"));
      await chmod(socket("private.sock"), 0o600);
      const { command, args } = crishCommand();
      const env = { ...crishEnvironment(root.env), ...endpoint("private.sock") };
      const result = await run(command, [...args, "doctor", "sockets", "-o", "json"], {
        env,
        uid: 65534,
        gid: 65534,
      });
      const [refused] = findingsOf(result)("sockets");
      assert.match(refused?.text ?? "", /no permission to use/, result.stderr);
      assert.match(refused?.fix ?? "", /as root/);
      assert.equal(result.status, 1);
    });
  });

  describe("registries", () => {
    it("one that was asked for and cannot be reached is a fault", async () => {
      const { level, text, status } = await finding("registries", [
        "registries",
        "--registry",
        "127.0.0.1:1",
      ]);
      assert.deepEqual([level, status], ["fail", 1]);
      assert.match(text, /127\.0\.0\.1:1.*refused the connection/);
    });

    it("one that never answers is given up", async () => {
      const silent = await listen(createServer((connection) => connection.on("error", () => {})));
      const { text } = await finding("registries", ["registries", "--registry", silent]);
      assert.match(text, /did not answer in time|longer than 5 s/);
    });

    it("a name server that never answers makes one line of them, and no fault", async () => {
      const server = createSocket("udp4");
      const address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.9`;
      await new Promise<void>((resolve) => server.bind(53, address, resolve));
      server.unref();
      cleanup.add("close the name server", () => void server.close());
      const resolvConf = await file("resolv.conf", `nameserver ${address}\n`);
      const { command, args } = crishCommand();
      const words = [command, ...args, "doctor", "registries", "-o", "json"];
      const script = `mount --bind ${resolvConf} /etc/resolv.conf && exec "$@"`;
      const env = crishEnvironment(root.env);
      const result = await run("unshare", ["--mount", "sh", "-c", script, "sh", ...words], { env });
      const found = findingsOf(result)("registries");
      assert.deepEqual(
        found.map(({ id, level }) => [id, level]),
        [["registries.none", "warn"]],
      );
      assert.equal(result.status, 0);
    });

    it("a mirror that works stands in for a registry that does not", async () => {
      const mirror = await listen(createHttpServer((_request, response) => response.end("{}")));
      const registries = { "127.0.0.1:1": { mirrors: [`http://${mirror}`] } };
      const env = await runtimeConfig({ registries });
      const result = await crish(["doctor", "-o", "json", "registries"], {
        env: { ...root.env, ...env },
      });
      const found = findingsOf(result)("registries.127.0.0.1:1");
      assert.deepEqual(
        found.map(({ level }) => level),
        ["ok", "warn"],
      );
      assert.equal(result.status, 0);
    });
  });

  it("a FORWARD chain that drops is a fault, and the fix that it names mends it", async () => {
    const { command, args } = crishCommand();
    const words = [command, ...args, "doctor", "firewall", "-o", "json"];
    const within = async (script: string) => {
      const result = await run(
        "unshare",
        ["--net", "sh", "-c", `iptables -P FORWARD DROP; ${script}; exec "$@"`, "sh", ...words],
        { env: crishEnvironment(root.env) },
      );
      return findingsOf(result)("firewall.forward")[0];
    };
    const dropping = await within("true");
    assert.equal(dropping?.level, "fail");
    assert.match(dropping?.text ?? "", new RegExp(`none accepts ${root.bridge}`));
    assert.equal((await within(dropping?.fix ?? ""))?.level, "ok");
  });

  it("an interrupt ends it at once, though something hangs", async () => {
    const asked = Promise.withResolvers<void>();
    const silent = await listen(
      createServer((connection) => {
        connection.on("error", () => {});
        asked.resolve();
      }),
    );
    const child = spawnCrish(["doctor", "--registry", silent], { env: root.env });
    assert.ok(child.stdout);
    const output = text(child.stdout);
    const ended = once(child, "exit");
    await asked.promise;
    child.kill("SIGINT");
    assert.deepEqual(await ended, [130, null]);
    assert.equal(await output, "");
  });

  describe("networks", () => {
    it("a malformed list is a fault where it is the first, and plugins are looked for", async () => {
      const netDir = join(directory, "net.d");
      await mkdir(netDir);
      const list = (type: string) =>
        JSON.stringify({ cniVersion: "1.0.0", name: "n", plugins: [{ type }] });
      await writeFile(join(netDir, "20-second.conflist"), "{ not json");
      await writeFile(join(netDir, "10-first.conflist"), list("no-such-plugin"));
      const env = await runtimeConfig({ cniConfigDir: netDir });
      const first = await crish(["doctor", "networks", "-o", "json"], {
        env: { ...root.env, ...env },
      });
      const found = findingsOf(first);
      assert.equal(found("networks.plugin.no-such-plugin")[0]?.level, "fail");
      assert.match(found("networks.plugin.no-such-plugin")[0]?.fix ?? "", /cniPluginDirs/);
      assert.deepEqual(
        found("networks.list").map(({ level }) => level),
        ["ok", "warn"],
      );
      await writeFile(join(netDir, "00-zero.conflist"), "{ not json");
      const broken = await crish(["doctor", "networks", "-o", "json"], {
        env: { ...root.env, ...env },
      });
      assert.equal(findingsOf(broken)("networks.list")[0]?.level, "fail");
      assert.match(
        findingsOf(broken)("networks.list")[0]?.text ?? "",
        /00-zero\.conflist.*not JSON/,
      );
    });
  });

  describe("configuration files", () => {
    it("that are malformed are told with their place, and the other checks still run", async () => {
      const crictl = await file("crictl.yaml", "runtime-endpont: unix:///x\n");
      const runtime = await file("bad-runtime.yaml", "network:\n  bridj: x\n");
      await mkdir(join(directory, "crish"));
      await file("crish/config.yaml", "alias:\n  w: ps\n");
      const result = await crish(["doctor", "configuration", "kernel", "-o", "json"], {
        env: {
          ...root.env,
          CRI_CONFIG_FILE: crictl,
          CRISH_RUNTIME_CONFIG: runtime,
          XDG_CONFIG_HOME: directory,
        },
      });
      const found = findingsOf(result);
      assert.equal(found("configuration.shell")[0]?.level, "warn");
      assert.match(found("configuration.shell")[0]?.text ?? "", /crish\/config\.yaml/);
      assert.match(found("configuration.crictl")[0]?.text ?? "", /runtime-endpont/);
      assert.match(found("configuration.runtime")[0]?.text ?? "", /network\.bridj/);
      assert.equal(found("kernel.version")[0]?.level, "ok");
      assert.equal(result.status, 1);
    });

    it("of Docker name helpers that are looked for, and what they hold is not shown", async () => {
      const home = join(directory, "docker");
      await mkdir(home);
      const auths = { "r.example": { auth: "c2VjcmV0OnNlY3JldA==" } };
      await writeFile(join(home, "config.json"), JSON.stringify({ auths, credsStore: "nope" }));
      const env = { DOCKER_CONFIG: home };
      const missing = await finding("configuration.credentials", ["configuration"], env);
      assert.match(missing.text, /docker-credential-nope/);
      await writeFile(join(home, "config.json"), '{"auth": "c2VjcmV0OnNlY3JldA==" oops');
      const broken = await finding("configuration.credentials", ["configuration"], env);
      assert.equal(broken.level, "fail");
      assert.ok(!JSON.stringify([missing, broken]).includes("c2Vj"));
    });
  });

  describe("disks", () => {
    it("that are full, out of inodes or read-only are faults", async () => {
      const place = join(directory, "small");
      await mkdir(place);
      await runOk("mount", ["-t", "tmpfs", "-o", "size=8m,nr_inodes=300", "tmpfs", place]);
      const env = { CRISH_ROOT: join(place, "root"), CRISH_STATE: join(place, "state") };
      const full = await finding("disk.root", ["disk"], env);
      assert.equal(full.level, "fail");
      assert.match(full.text, /free of 8\.39MB/);
      await Promise.all(
        Array.from({ length: 310 }, (_, index) =>
          writeFile(join(place, String(index)), "").catch(() => {}),
        ),
      );
      const crowded = await crish(["doctor", "disk", "-o", "json"], {
        env: { ...root.env, ...env },
      });
      assert.equal(findingsOf(crowded)("disk.root.inodes")[0]?.level, "fail");
      await runOk("mount", ["-o", "remount,ro", place]);
      const readOnly = await crish(["doctor", "disk", "-o", "json"], {
        env: { ...root.env, ...env },
      });
      const [first] = findingsOf(readOnly)("disk.state");
      assert.match(first?.text ?? "", /read-only file system/);
      assert.match(first?.fix ?? "", /remount,rw/);
    });
  });

  describe("the database", () => {
    let used: EmbeddedRoot;
    let database: string;
    before(async () => {
      used = await createEmbeddedRoot(cleanup);
      await crishOk(["ps"], { env: used.env });
      database = join(used.root, "crish.db");
    });

    it("what a killed process has left is told, and left there", async () => {
      const db = new DatabaseSync(database);
      const bootId = "00000000-0000-0000-0000-000000000000";
      db.prepare("INSERT INTO intents VALUES ('image-pull', 'alpine', NULL, 1, 1, ?, 1)").run(
        bootId,
      );
      db.close();
      const files = await readdir(used.root);
      const result = await crish(["doctor", "state", "-o", "json"], { env: used.env });
      const [left] = findingsOf(result)("state.leftovers");
      assert.match(left?.text ?? "", /left 1 unfinished: image-pull alpine/);
      assert.match(left?.fix ?? "", /crish -r embedded: ps/);
      assert.deepEqual(await readdir(used.root), files);
      const after = new DatabaseSync(database);
      assert.equal(after.prepare("SELECT count(*) AS n FROM intents").get()?.n, 1);
      after.exec("DELETE FROM intents");
      after.close();
    });

    it("one of a newer crish is a fault, and one that is damaged", async () => {
      const db = new DatabaseSync(database);
      const version = db.prepare("PRAGMA user_version").get()?.user_version;
      db.exec("PRAGMA user_version = 99");
      db.close();
      const newer = await finding("state.database", ["state"], used.env);
      assert.equal(newer.level, "fail");
      assert.match(newer.text, /newer crish \(schema 99/);
      const again = new DatabaseSync(database);
      again.exec(`PRAGMA user_version = ${version}`);
      again.close();
      const other = join(directory, "damaged");
      await mkdir(other);
      await writeFile(join(other, "crish.db"), "x".repeat(8192));
      const damaged = await finding("state", ["state"], { CRISH_ROOT: other });
      assert.match(damaged.text, /damaged/);
      assert.deepEqual(await readdir(other), ["crish.db"]);
    });
  });

  it("works without any right, and says what it could not see", async () => {
    const { command, args } = crishCommand();
    const used = await createEmbeddedRoot(cleanup);
    await crishOk(["ps"], { env: used.env });
    const result = await run(command, [...args, "doctor", "--registry", "127.0.0.1:1"], {
      env: crishEnvironment(used.env),
      uid: 65534,
      gid: 65534,
    });
    assert.equal(result.stderr, "");
    assert.match(result.stdout, /\? {5}whether cgroups can be made: only root can tell/);
    assert.match(result.stdout, /\? {5}could not look at ".*crish\.db"/);
    assert.match(result.stdout, /\d not checked; commands use embedded:\n$/);
  });

  async function listen(server: Server): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanup.add("close a server", () => void server.close().unref());
    server.unref();
    return `127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  async function listenOn(
    path: string,
    onConnection: (connection: import("node:net").Socket) => void = () => {},
  ): Promise<Server> {
    const server = createServer((connection) => {
      connection.on("error", () => {});
      connection.unref();
      onConnection(connection);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    server.unref();
    cleanup.add("close a server", () => void server.close());
    return server;
  }
});
