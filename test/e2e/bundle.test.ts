import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { busyboxImage } from "../support/busybox-image.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, type EmbeddedCliTarget, embeddedCli } from "../support/cli-target.ts";
import { startContainerd } from "../support/containerd.ts";
import { crish, crishOk } from "../support/crish.ts";
import { crishAsNobody } from "../support/crish-for-nobody.ts";
import { dockerArchive } from "../support/image-archive.ts";
import { runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

/** One secret per place, so that a failure says from where it came. */
const SECRETS = {
  env: "s3cret-of-env-4711",
  imageEnv: "s3cret-of-image-4711",
  argument: "s3cret-of-argument-4711",
  shell: "s3cret-of-shell-4711",
  label: "s3cret-of-label-4711",
  annotation: "s3cret-of-annotation-4711",
  manifest: "s3cret-of-manifest-4711",
  proxy: "s3cret-of-proxy-4711",
  credentials: "s3cret-of-credentials-4711",
  dockerConfig: Buffer.from("user:s3cret-of-docker-4711").toString("base64"),
  cni: "s3cret-of-cni-4711",
  crictl: "s3cret-of-crictl-4711",
  runtimeConfig: "s3cret-of-runtime-4711",
};
const IMAGE = "localhost/secretive:test";

describe("crish bundle", () => {
  const cleanup = cleanupAfter();
  let target: EmbeddedCliTarget;
  let container: string;
  before(async () => {
    target = await embeddedCli(cleanup);
    const archive = join(target.directory, "secretive.tar");
    await writeFile(archive, secretiveImage());
    await target.out(["load", archive]);
    container = await runSecretive(target);
  });

  /** Runs it with secrets planted all around; returns the text of the archive. */
  async function bundle(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const place = join(target.directory, "docker");
    await mkdir(place, { recursive: true });
    const auths = { "r.example": { auth: SECRETS.dockerConfig } };
    await writeFile(join(place, "config.json"), JSON.stringify({ auths }));
    const netDir = join(target.root.directory, "net.d");
    const plugins = [{ type: "bridge", bridge: target.root.bridge, apiToken: SECRETS.cni }];
    await writeFile(join(netDir, "90-x.conflist"), JSON.stringify({ name: "x", plugins }));
    const crictl = join(target.directory, "crictl.yaml");
    await writeFile(crictl, `timeout: 2\n# password: ${SECRETS.crictl}\n`);
    const runtime = join(target.directory, "runtime.yaml");
    const config = JSON.parse(await readFile(target.root.configFile, "utf8"));
    const mirrors = [`http://user:${SECRETS.runtimeConfig}@127.0.0.1:1`];
    config.registries = { "127.0.0.1:1": { mirrors } };
    await writeFile(runtime, JSON.stringify(config));
    const file = join(target.directory, `${Math.random().toString(36).slice(2)}.tar.gz`);
    const result = await target.crish(["bundle", "-o", file, ...args], {
      env: {
        DOCKER_CONFIG: place,
        CRICTL_CREDS: `user:${SECRETS.credentials}`,
        HTTPS_PROXY: `http://user:${SECRETS.proxy}@127.0.0.1:1`,
        CRI_CONFIG_FILE: crictl,
        CRISH_RUNTIME_CONFIG: runtime,
        ...env,
      },
    });
    assert.equal(result.status, 0, result.stderr);
    assert.ok(result.stdout.startsWith(`${file}\n`), result.stdout);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    return gunzipSync(await readFile(file)).toString("latin1");
  }

  it("holds what a report needs, and none of the secrets that were planted", async () => {
    const archive = await bundle([]);
    assertNoSecrets(archive);
    for (const name of [
      ...["README.txt", "versions.json", "doctor.json", "database.json"],
      ...["configuration/settings.json", "configuration/crictl.json", "configuration/runtime.json"],
      ...["configuration/cni/90-x.conflist", "configuration/docker.json"],
      ...["state/pods.json", "state/containers.json", "state/images.json", "state/status.json"],
      ...[`state/containers/${container.slice(0, 20)}.json`, "node/mounts.json"],
      ...["node/processes.json", "node/iptables-nat.txt", "logs/kernel.txt"],
    ]) {
      assert.ok(archive.includes(`crish-bundle/${name}\0`), `${name} is not in it`);
    }
    for (const text of [
      "shown-label",
      "DB_VALUE=<redacted>",
      "IMAGE_KEY=<redacted>",
      "r.example",
    ]) {
      assert.ok(archive.includes(text), `${text} is not in it`);
    }
    assert.ok(!archive.includes("logs/containers/"), "containers' logs were not asked for");
  });

  it("holds the ends of logs where they are asked for, without the secrets known from elsewhere", async () => {
    const archive = await bundle(["--with-logs", "--log-lines", "5"]);
    assert.ok(archive.includes(`crish-bundle/logs/containers/${container.slice(0, 20)}.txt\0`));
    assert.ok(archive.includes("logged <redacted>"));
    assertNoSecrets(archive);
  });

  it("refuses to replace a file or to follow a link, unless it is told to", async () => {
    const file = join(target.directory, "kept.tar.gz");
    await writeFile(file, "kept");
    const refused = await target.crish(["bundle", "-o", file]);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /kept\.tar\.gz" is there already\nhint: .*--force/);
    assert.equal(await readFile(file, "utf8"), "kept");
    const link = join(target.directory, "link.tar.gz");
    await symlink(join(target.directory, "nowhere"), link);
    assert.equal((await target.crish(["bundle", "-o", link])).status, 1);
    await target.out(["bundle", "-f", "-o", file]);
    assert.equal((await readFile(file)).readUInt16BE(0), 0x1f8b);
    assert.ok(!(await readdir(target.directory)).includes("nowhere"));
  });

  it("replaces no device or directory, whatever it is told", async () => {
    const device = join(target.directory, "device");
    await runOk("mknod", [device, "c", "1", "7"]);
    for (const place of [device, target.directory]) {
      const refused = await target.crish(["bundle", "-f", "-o", place]);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /is no file that could be replaced\nhint: /);
    }
    assert.ok((await stat(device)).isCharacterDevice());
  });

  it("takes neither a log that is no plain file nor a name that no archive holds", async () => {
    const log = join(target.directory, "secretive.log");
    await rename(log, `${log}.kept`);
    await runOk("mkfifo", [log]);
    const list = join(target.root.directory, `net.d/95-${"ü".repeat(80)}.conflist`);
    await writeFile(list, JSON.stringify({ name: "y", plugins: [{ type: "bridge" }] }));
    const archive = await bundle(["--with-logs"]);
    await rm(list);
    await rename(`${log}.kept`, log);
    assert.ok(!archive.includes("logs/containers/"));
    assert.match(archive, /secretive\.log" is no plain file/);
    assert.match(archive, /configuration\/cni\/95-_+\0/);
  });

  it("goes to stdout for -, and tells what is in it on stderr", async () => {
    const { bytes, stderr, status } = await target.crish(["bundle", "-o", "-"]);
    assert.equal(status, 0);
    const listed = execFileSync("tar", ["tzf", "-"], { input: bytes, encoding: "utf8" });
    assert.match(listed, /^crish-bundle\/README\.txt$/m);
    assert.match(stderr, /\d+ files, .*without containers' logs/);
  });

  it("a place that takes no file is an error with a hint", async () => {
    const result = await target.crish(["bundle", "-o", "/proc/no/such.tar.gz"]);
    assert.equal(result.status, 1);
    assert.match(result.stderr, /cannot write "\/proc\/no\/such\.tar\.gz": no such file\nhint: /);
  });

  it("is made though the runtime hangs, with what failed noted inside", async () => {
    const socket = join(target.directory, "silent.sock");
    const server = createServer((connection) => {
      connection.on("error", () => {});
      connection.unref();
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    server.unref();
    cleanup.add("close a server", () => void server.close());
    const archive = await bundle([], { CONTAINER_RUNTIME_ENDPOINT: `unix://${socket}` });
    const errors = archive.slice(archive.indexOf("crish-bundle/errors.txt\0"));
    assert.match(errors, /state pods: /);
    assert.match(errors, /state version: /);
    assert.ok(archive.includes("crish-bundle/doctor.json\0"));
  });

  it("is made without any right and with malformed files, and makes no directory", async () => {
    const directory = await temporaryDirectory(cleanup, "bundle");
    await chmod(directory, 0o777);
    await writeFile(join(directory, "bad.yaml"), `a: [b\npassword: ${SECRETS.crictl}`);
    const file = join(directory, "b.tar.gz");
    const result = await crishAsNobody(cleanup, ["bundle", "-o", file], {
      cwd: directory,
      env: {
        CRISH_ROOT: join(directory, "root"),
        CRISH_STATE: join(directory, "state"),
        CRISH_RUNTIME_CONFIG: join(directory, "bad.yaml"),
        CRI_CONFIG_FILE: join(directory, "bad.yaml"),
      },
    });
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual((await readdir(directory)).sort(), ["b.tar.gz", "bad.yaml"]);
    const archive = gunzipSync(await readFile(file)).toString("latin1");
    assertNoSecrets(archive);
    assert.match(archive, /bad\.yaml: left out, as it is malformed/);
  });

  it("takes out as well what containerd tells of its containers and images", async () => {
    const containerd = await startContainerd(cleanup);
    const directory = await temporaryDirectory(cleanup, "bundle");
    const archive = join(directory, "secretive.tar");
    await writeFile(archive, secretiveImage());
    await containerd.importImage(archive);
    const env = { ...target.env, CONTAINER_RUNTIME_ENDPOINT: containerd.endpoint };
    const client = {
      directory,
      out: async (args: string[]) => (await crishOk(args, { env })).stdout.trimEnd(),
    };
    const id = await runSecretive(client);
    const file = join(directory, "b.tar.gz");
    await client.out(["bundle", "--with-logs", "-o", file]);
    const text = gunzipSync(await readFile(file)).toString("latin1");
    assertNoSecrets(text);
    assert.ok(text.includes(`crish-bundle/state/containers/${id.slice(0, 20)}.json\0`));
    assert.ok(text.includes("logged <redacted>"));
    assert.ok(text.includes('"runtimeSpec"'));
    await client.out(["rmp", "-f", "-a"]);
  });

  it("names the file by the time where no name is given", async () => {
    const directory = await temporaryDirectory(cleanup, "bundle");
    const result = await crish(["bundle"], { cwd: directory, env: target.env });
    assert.equal(result.status, 0, result.stderr);
    assert.match((await readdir(directory)).join(), /^crish-bundle-\d{8}-\d{6}\.tar\.gz$/);
  });
});

/** A pod and a container that hold a secret wherever one can be written. */
async function runSecretive(target: Pick<CliTarget, "directory" | "out">): Promise<string> {
  const metadata = { name: "secretive", uid: "u", namespace: "n", attempt: 0 };
  const marks = {
    labels: { "app.password": SECRETS.label, app: "shown-label" },
    annotations: {
      "example.com/token": SECRETS.annotation,
      "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ x: SECRETS.manifest }),
    },
  };
  const podFile = join(target.directory, "secret-pod.json");
  const containerFile = join(target.directory, "secret-container.json");
  await writeFile(podFile, JSON.stringify({ metadata, ...marks, log_directory: target.directory }));
  const script = `export X_TOKEN=${SECRETS.shell}; echo logged $DB_VALUE; exec sleep 1000`;
  await writeFile(
    containerFile,
    JSON.stringify({
      metadata: { name: "c" },
      image: { image: IMAGE },
      command: ["sh", "-c", script, "sh", "--password", SECRETS.argument],
      envs: [{ key: "DB_VALUE", value: SECRETS.env }],
      log_path: "secretive.log",
      ...marks,
    }),
  );
  const pod = await target.out(["runp", podFile]);
  const id = await target.out(["create", pod, containerFile, podFile]);
  await target.out(["start", id]);
  await waitUntil("the container has logged", async () =>
    (await target.out(["logs", id])).includes("logged"),
  );
  return id;
}

function assertNoSecrets(archive: string): void {
  for (const [place, secret] of Object.entries(SECRETS)) {
    const at = archive.indexOf(secret);
    assert.equal(at, -1, `${place}: ${archive.slice(Math.max(0, at - 300), at + 50)}`);
  }
}

function secretiveImage(): Buffer {
  const config = { Env: ["PATH=/bin", `IMAGE_KEY=${SECRETS.imageEnv}`] };
  return dockerArchive(busyboxImage({ config }), [IMAGE]);
}
