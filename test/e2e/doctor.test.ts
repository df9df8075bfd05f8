import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { crish, crishCommand, crishEnvironment, crishOk } from "../support/crish.ts";
import { crishAsNobody } from "../support/crish-for-nobody.ts";
import { createDoctorPlace, type DoctorPlace, findingsOf } from "../support/doctor-place.ts";
import { createEmbeddedRoot, type EmbeddedRoot } from "../support/embedded-root.ts";
import { listenOnPort } from "../support/listen.ts";
import { run, runOk } from "../support/run.ts";

describe("crish doctor looks at the node", () => {
  const cleanup = cleanupAfter();
  let place: DoctorPlace;
  before(async () => {
    place = await createDoctorPlace(cleanup);
  });

  describe("on a node that has all", () => {
    it("finds no fault, ends with 0 and makes nothing", async () => {
      const registry = await listenOnPort(
        cleanup,
        createServer((_request, response) => response.end("{}")),
      );
      const result = await crish(["doctor", "--registry", registry], { env: place.root.env });
      assert.equal(result.status, 0, result.stdout);
      assert.match(result.stdout, /no faults.*; commands use embedded:\n$/);
      assert.match(result.stdout, new RegExp(`ok {4}${registry} \\(http://${registry}\\) answers`));
      assert.deepEqual((await readdir(place.root.directory)).sort(), ["net.d", "runtime.yaml"]);
    });

    it("prints JSON of a stable shape", async () => {
      const result = await crishOk(["doctor", "state", "-o", "json"], { env: place.root.env });
      const report = JSON.parse(result.stdout);
      assert.deepEqual(Object.keys(report).sort(), [
        "checks",
        "counts",
        "crish",
        "level",
        "runtime",
      ]);
      assert.deepEqual(report.counts, { ok: 1, warn: 0, fail: 0, unchecked: 0 });
      const line = await crishOk(["doctor", "state", "-o", "jsonl"], { env: place.root.env });
      const { check, level } = JSON.parse(line.stdout);
      assert.deepEqual([check, level], ["state", "ok"]);
      assert.deepEqual(report.checks[0], {
        id: "state",
        title: "database and leftovers",
        findings: [
          {
            id: "state.database",
            level: "ok",
            text: `no database yet: "${join(place.root.root, "crish.db")}"`,
          },
        ],
      });
    });

    it("refuses what names no registry", async () => {
      for (const name of ["https://registry.example", "", "a b", "r.example/v2"]) {
        const result = await crish(["doctor", "--registry", name], { env: place.root.env });
        assert.equal(result.status, 2);
        assert.match(result.stderr, /is no registry's name\nhint: .*HOST:PORT/);
      }
    });

    it("refuses a check that is not there", async () => {
      const result = await crish(["doctor", "regstries"], { env: place.root.env });
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
      const env = crishEnvironment(place.root.env);
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
      const tools = join(place.directory, "path");
      await mkdir(tools);
      await place.file("path/tar", "#!/bin/sh\necho busybox\n", 0o755);
      const PATH = `${tools}:${process.env.PATH}`;
      const { level, text, fix } = await place.finding("programs.tar", ["programs"], { PATH });
      assert.equal(level, "fail");
      assert.match(text, /not GNU tar/);
      assert.equal(fix, "apt-get install tar");
    });

    it("that hang or fail are told within seconds", async () => {
      const hangs = await place.file("conmon-hangs", "#!/bin/sh\nexec sleep 1000\n", 0o755);
      const breaks = await place.file(
        "runc-breaks",
        "#!/bin/sh\necho no such library >&2; exit 127\n",
        0o755,
      );
      const env = await place.runtimeConfig({ conmon: hangs, handlers: { "": { path: breaks } } });
      const result = await crish(["doctor", "programs", "-o", "json"], {
        env: { ...place.root.env, ...env },
      });
      const found = findingsOf(result);
      assert.match(found("programs.conmon")[0]?.text ?? "", /does not run: .*longer than 3 s/);
      assert.match(found("programs.runc")[0]?.text ?? "", /does not run: no such library/);
      assert.equal(result.status, 1);
    });
  });

  describe("networks", () => {
    it("a malformed list is a fault where it is the first, and plugins are looked for", async () => {
      const netDir = join(place.directory, "net.d");
      await mkdir(netDir);
      const list = (type: string) =>
        JSON.stringify({ cniVersion: "1.0.0", name: "n", plugins: [{ type }] });
      await writeFile(join(netDir, "20-second.conflist"), "{ not json");
      await writeFile(join(netDir, "10-first.conflist"), list("no-such-plugin"));
      const env = await place.runtimeConfig({ cniConfigDir: netDir });
      const first = await crish(["doctor", "networks", "-o", "json"], {
        env: { ...place.root.env, ...env },
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
        env: { ...place.root.env, ...env },
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
      const crictl = await place.file("crictl.yaml", "runtime-endpont: unix:///x\n");
      const runtime = await place.file("bad-runtime.yaml", "network:\n  bridj: x\n");
      await mkdir(join(place.directory, "crish"));
      await place.file("crish/config.yaml", "alias:\n  w: ps\n");
      const result = await crish(["doctor", "configuration", "kernel", "-o", "json"], {
        env: {
          ...place.root.env,
          CRI_CONFIG_FILE: crictl,
          CRISH_RUNTIME_CONFIG: runtime,
          XDG_CONFIG_HOME: place.directory,
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
      const home = join(place.directory, "docker");
      await mkdir(home);
      const auths = { "r.example": { auth: "c2VjcmV0OnNlY3JldA==" } };
      await writeFile(join(home, "config.json"), JSON.stringify({ auths, credsStore: "nope" }));
      const env = { DOCKER_CONFIG: home };
      const missing = await place.finding("configuration.credentials", ["configuration"], env);
      assert.match(missing.text, /docker-credential-nope/);
      await writeFile(join(home, "config.json"), '{"auth": "c2VjcmV0OnNlY3JldA==" oops');
      const broken = await place.finding("configuration.credentials", ["configuration"], env);
      assert.equal(broken.level, "fail");
      assert.ok(!JSON.stringify([missing, broken]).includes("c2Vj"));
    });
  });

  describe("disks", () => {
    it("that are full, out of inodes or read-only are faults", async () => {
      const small = join(place.directory, "small");
      await mkdir(small);
      await runOk("mount", ["-t", "tmpfs", "-o", "size=8m,nr_inodes=300", "tmpfs", small]);
      const env = { CRISH_ROOT: join(small, "root"), CRISH_STATE: join(small, "state") };
      const full = await place.finding("disk.root", ["disk"], env);
      assert.equal(full.level, "fail");
      assert.match(full.text, /free of 8\.39MB/);
      await Promise.all(
        Array.from({ length: 310 }, (_, index) =>
          writeFile(join(small, String(index)), "").catch(() => {}),
        ),
      );
      const crowded = await crish(["doctor", "disk", "-o", "json"], {
        env: { ...place.root.env, ...env },
      });
      assert.equal(findingsOf(crowded)("disk.root.inodes")[0]?.level, "fail");
      await runOk("mount", ["-o", "remount,ro", small]);
      const readOnly = await crish(["doctor", "disk", "-o", "json"], {
        env: { ...place.root.env, ...env },
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
      const newer = await place.finding("state.database", ["state"], used.env);
      assert.equal(newer.level, "fail");
      assert.match(newer.text, /newer crish \(schema 99/);
      const again = new DatabaseSync(database);
      again.exec(`PRAGMA user_version = ${version}`);
      again.close();
      const other = join(place.directory, "damaged");
      await mkdir(other);
      await writeFile(join(other, "crish.db"), "x".repeat(8192));
      const damaged = await place.finding("state", ["state"], { CRISH_ROOT: other });
      assert.match(damaged.text, /damaged/);
      assert.deepEqual(await readdir(other), ["crish.db"]);
    });
  });

  it("works without any right, and says what it could not see", async () => {
    const used = await createEmbeddedRoot(cleanup);
    await crishOk(["ps"], { env: used.env });
    const line = ["doctor", "--registry", "127.0.0.1:1"];
    const result = await crishAsNobody(cleanup, line, { env: used.env });
    assert.equal(result.stderr, "");
    assert.match(result.stdout, /\? {5}whether cgroups can be made: only root can tell/);
    assert.match(result.stdout, /\? {5}could not look at ".*crish\.db"/);
    assert.match(result.stdout, /\d not checked; commands use embedded:\n$/);
  });
});
