import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, it } from "node:test";
import type { Cleanup } from "../support/cleanup.ts";
import type { CliTarget } from "../support/cli-target.ts";
import { freePort } from "../support/free-port.ts";
import { ownPodLogs } from "../support/own-pod-logs.ts";
import { run } from "../support/run.ts";
import { uniqueSuffix } from "../support/unique.ts";
import { waitUntil } from "../support/wait-until.ts";

const MANIFESTS = join(import.meta.dirname, "../fixtures/manifests");
const FILES = ["web.yaml", "init.yaml", "sidecars.yaml", "host-network.json", "limits.yaml"];

/** A runtime, and what it has when it has no pods: everything else is a leak. */
export interface ApplyPlace {
  readonly cli: CliTarget;
  readonly root: string;
  readonly state: string;
  leaks(): Promise<string[]>;
}

/** What apply, delete and generate do, as tests of the surrounding `describe`. */
export function describeApply(cleanup: Cleanup, open: () => Promise<ApplyPlace>): void {
  /** The test's own, so that its pods' logs are known among those of all pods of the node. */
  const namespace = `apply-${uniqueSuffix()}`;
  const logs = ownPodLogs(cleanup, namespace);
  let place: ApplyPlace;
  let port: number;

  before(async () => {
    place = await open();
    cleanup.add("remove pods of tests that failed, with their files", async () => {
      await place.cli.crish(["rmp", "-f", "-a"]);
    });
    port = await freePort();
    await mkdir(place.cli.directory, { recursive: true });
    for (const file of FILES) {
      const text = await readFile(join(MANIFESTS, file), "utf8");
      const own = text
        .replace("hostPort: 18080", `hostPort: ${port}`)
        .replaceAll(/\b(namespace"?: )"?[\w-]+"?/g, `$1"${namespace}"`);
      await writeFile(join(place.cli.directory, file), own);
    }
  });

  const pathOf = (file: string) => join(place.cli.directory, file);
  const allFiles = () => ["-n", namespace, ...FILES.flatMap((file) => ["-f", pathOf(file)])];

  it("makes five pods of five manifests, and their containers find what they were promised", async () => {
    const { cli } = place;
    const applied = await cli.crish(["apply", ...allFiles()]);
    assert.equal(applied.status, 0, applied.stderr);
    assert.deepEqual(applied.stdout.trim().split("\n"), [
      "pod/web created",
      "pod/prepared created",
      "pod/shipped created",
      "pod/node-agent created",
      "pod/limited created",
    ]);
    assert.match(applied.stderr, /pod\/web: container "httpd": readinessProbe is not run/);

    await waitForPage(port, /hello from crish/);
    assert.match(
      await cli.out(["exec", "httpd", "env"]),
      /GREETING=serving in production, not \$\(MODE\)/,
    );
    await waitUntil(
      "main has read both",
      async () => (await cli.out(["logs", "main"])) === "one\ntwo",
    );
    await waitUntil("the sidecar has read", async () =>
      (await cli.out(["logs", "shipper"])).includes("tick"),
    );
    const shared = await cli.out(["exec", "app", "sh", "-c", "cat /token; env; ls -n /token"]);
    assert.match(shared, /s3cret/);
    assert.match(shared, /SHIPPER_token=s3cret/);
    assert.match(shared, /-r--------/);
    assert.match(await cli.out(["exec", "agent", "cat", "/etc/hosts"]), /192\.0\.2\.7/);
    assert.match(await cli.out(["exec", "agent", "env"]), /NODE=./);
    const worker = "id; cat /data/hook /info/labels /info/cpu; touch /no; ls -n /data";
    const limited = await cli.crish(["exec", "worker", "sh", "-c", worker]);
    assert.match(limited.stdout, /uid=1000 gid=1000 groups=1000,2000,3000/);
    assert.match(limited.stdout, /started/);
    assert.match(limited.stdout, /app="limited"/);
    assert.match(limited.stdout, / 2000 /);
    assert.match(limited.stderr, /Read-only file system/);
  });

  it("leaves pods alone that are what the files say", async () => {
    const again = await place.cli.out(["apply", ...allFiles()]);
    assert.equal(again.match(/ unchanged$/gm)?.length, 5);
  });

  it("prints manifests that make the same pods, Secrets only when told to", async () => {
    const { cli } = place;
    const hidden = await cli.crish(["generate", "shipped"]);
    assert.equal(hidden.status, 0, hidden.stderr);
    assert.match(hidden.stderr, /Secret "shipper" is left out; --show-secrets/);
    assert.doesNotMatch(hidden.stdout, /kind: Secret/);
    const path = join(cli.directory, "generated.yaml");
    const names = ["web", "prepared", "shipped", "node-agent", "limited"];
    await writeFile(path, await cli.out(["generate", "--show-secrets", ...names]));
    const again = await cli.out(["apply", "-n", namespace, path]);
    assert.equal(again.match(/ unchanged$/gm)?.length, 5, again);
  });

  it("prints the manifest of a pod that it has not made, and does not touch the pod", async () => {
    const { cli } = place;
    const flags = [
      "-e",
      "A=$(B) $$C",
      "-m",
      "64m",
      "-v",
      "/etc:/mnt:ro",
      "--cap-add",
      "NET_ADMIN",
      "--namespace",
      namespace,
    ];
    await cli.out(["tag", cli.image, "127.0.0.1/another:1"]);
    await cli.runDetached("plain", ["sleep", "1000"], flags);
    const image = await cli.out(["generate", "plain", "-o", "jsonpath={..image}"]);
    assert.equal(image, cli.image);
    await cli.out(["untag", "127.0.0.1/another:1"]);
    const path = join(cli.directory, "plain.json");
    await writeFile(path, await cli.out(["generate", "plain", "-o", "json"]));
    assert.equal(JSON.parse(await cli.out(["generate", "plain", "-o", "jsonl"])).kind, "Pod");
    assert.equal(await cli.out(["generate", "plain", "-o", "jsonpath={.metadata.name}"]), "plain");
    assert.equal((await cli.crish(["generate", "plain", "-o", "jsonpath={"])).status, 2);
    for (const args of [
      ["apply", "-n", namespace, path],
      ["delete", "plain"],
    ]) {
      const refused = await cli.crish(args);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /apply has not made.*\nhint: crish rmp -f/);
    }
    await cli.out(["rmp", "-f", "plain"]);
    assert.equal(await cli.out(["apply", "-n", namespace, path]), "pod/plain created");
    const found = await cli.out(["exec", "plain", "sh", "-c", "echo $A; ls /mnt/passwd"]);
    assert.equal(found, "$(B) $$C\n/mnt/passwd");
    await writeFile(path, await cli.out(["generate", "plain"]));
    assert.equal(await cli.out(["apply", "-n", namespace, path]), "pod/plain unchanged");
    assert.equal(await cli.out(["delete", "--grace-period", "0", "plain"]), "pod/plain deleted");
  });

  it("names what has changed, and replaces the pod only when told to", async () => {
    const { cli } = place;
    const path = join(cli.directory, "changed.yaml");
    const text = await readFile(pathOf("web.yaml"), "utf8");
    await writeFile(path, text.replace("hello", "bye").replace("tier: frontend", "tier: back"));
    const refused = await cli.crish(["apply", "-n", namespace, path]);
    assert.equal(refused.status, 1);
    assert.match(
      refused.stderr,
      /pod "web" differs: metadata\.labels\.tier, ConfigMap "web-pages" \(index\.html\)\nhint: --replace/,
    );
    assert.equal(await cli.out(["apply", "-n", namespace, "--replace", path]), "pod/web replaced");
    await waitForPage(port, /bye from crish/);
  });

  it("deletes all of them, and leaves nothing", async () => {
    const { cli, root, state } = place;
    const ids = (await cli.out(["pods", "-q", "--no-trunc"])).split("\n").filter(Boolean);
    assert.equal(ids.length, 5);
    const deleted = await cli.out(["delete", "-y", ...allFiles()]);
    assert.equal(deleted.match(/^pod\/\S+ deleted$/gm)?.length, 5, deleted);
    await assertNothingLeft({ ids, root, state });
    const gone = await cli.crish(["delete", "-n", namespace, "-f", pathOf("web.yaml")]);
    assert.equal(gone.status, 4);
    assert.equal(
      (await cli.crish(["delete", "--ignore-not-found", "-n", namespace, "-f", pathOf("web.yaml")]))
        .status,
      0,
    );
  });

  it("undoes a pod whose init container fails twice, shows its log, and keeps it with --keep", async () => {
    const { cli, root, state } = place;
    const path = join(cli.directory, "broken.yaml");
    await writeFile(path, JSON.stringify(brokenPod()));
    const failed = await cli.crish(["apply", "-n", namespace, "-f", path]);
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /container "setup" ended with status 3; it is started once more/);
    assert.match(failed.stderr, /^setup: no such table$/m);
    assert.match(failed.stderr, /init container "setup" ended with status 3\n$/);
    await assertNothingLeft({ ids: [], root, state });

    const kept = await cli.crish(["apply", "-n", namespace, "--keep", "-f", path]);
    assert.match(kept.stderr, /hint: what was made is kept: crish delete pod\/broken/);
    const again = await cli.crish(["apply", "-n", namespace, path]);
    assert.match(again.stderr, /pod "broken" differs: it was not finished\nhint: --replace/);
    assert.equal(await cli.out(["delete", "pod/broken"]), "pod/broken deleted");
    await assertNothingLeft({ ids: [], root, state });
  });

  it("starts a container once more that fails while it waits, and leaves the pod then", async () => {
    const { cli, root, state } = place;
    const path = join(cli.directory, "job.json");
    const pod = brokenPod(["true"]);
    const [main] = pod.spec.containers;
    const command = ["sh", "-c", "[ -e /tmp/ran ] && exit; touch /tmp/ran; exit 1"];
    const job = { ...pod, spec: { ...pod.spec, containers: [{ ...main, command }] } };
    await writeFile(path, JSON.stringify(job));
    const done = await cli.crish(["apply", "-n", namespace, "--wait", "completed", path]);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stderr, /container "main" ended with status 1; it is started once more/);
    const again = await cli.crish([
      "apply",
      "-n",
      namespace,
      "--wait",
      "running",
      "--timeout",
      "5s",
      path,
    ]);
    assert.equal(again.stdout, "pod/broken unchanged\n");
    assert.equal(again.status, 1);
    assert.match(again.stderr, /hint: the pod stays as it is: crish delete pod\/broken/);
    await cli.out(["delete", "-n", namespace, "-f", path]);
    await assertNothingLeft({ ids: [], root, state });
  });

  it("undoes the pod on Ctrl-C", async () => {
    const { cli, root, state } = place;
    const path = join(cli.directory, "slow.yaml");
    await writeFile(path, JSON.stringify(brokenPod(["sleep", "1000"])));
    const child = cli.spawn(["apply", "-n", namespace, "-f", path], { env: { ...cli.env } });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await waitUntil("the init container runs", async () =>
      (await cli.out(["ps"])).includes("setup"),
    );
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    await assertNothingLeft({ ids: [], root, state });
  });

  it("is undone by rmp too, and by the next delete where another tool has removed the pod", async () => {
    const { cli, root, state } = place;
    const apply = () => cli.out(["apply", "-n", namespace, pathOf("sidecars.yaml")]);
    assert.equal(await apply(), "pod/shipped created");
    await cli.out(["rmp", "-f", "shipped"]);
    await assertNothingLeft({ ids: [], root, state });
    assert.equal(await apply(), "pod/shipped created");
    const elsewhere = { CRISH_ROOT: "/nonexistent", CRISH_STATE: "/nonexistent" };
    const env = place.cli.name === "embedded" ? {} : elsewhere;
    await cli.out(["rmp", "-f", "shipped"], { env });
    await cli.crish(["delete", "--ignore-not-found", "pod/none"]);
    await assertNothingLeft({ ids: [], root, state });
  });

  async function assertNothingLeft(what: { ids: string[]; root: string; state: string }) {
    let left: string[] = [];
    const look = async () => {
      const names = await Promise.all(
        [join(what.root, "pods"), join(what.state, "pods")].map(namesIn),
      );
      const cgroups = await Promise.all(what.ids.map(cgroupsNaming));
      left = [...names.flat(), ...(await logs()), ...cgroups.flat(), ...(await place.leaks())];
      return left.length === 0;
    };
    await waitUntil("nothing is left", look, { timeoutMs: 5000, intervalMs: 200 }).catch(() => {});
    assert.deepEqual(left, []);
  }
}

function brokenPod(command = ["sh", "-c", "echo no such table >&2; exit 3"]) {
  const image = "localhost/busybox:test";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "broken" },
    spec: {
      initContainers: [{ name: "setup", image, command }],
      containers: [{ name: "main", image, volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] }],
      volumes: [{ name: "tmp", emptyDir: { medium: "Memory" } }],
    },
  };
}

/** A server listens a moment after its container has started. */
async function waitForPage(port: number, text: RegExp): Promise<void> {
  await waitUntil(`the page has ${text}`, async () => {
    const page = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    return text.test((await page?.text()) ?? "");
  });
}

async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}

async function cgroupsNaming(id: string): Promise<string[]> {
  const { stdout } = await run("find", ["/sys/fs/cgroup", "-type", "d", "-name", `*${id}*`]);
  return stdout.split("\n").filter(Boolean);
}
