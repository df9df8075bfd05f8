import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { NamespaceMode, PodSandboxState } from "../../../src/cri/gen/runtime/v1/api.ts";
import { isAlive } from "../../../src/host/process-identity.ts";
import { podEnvironment } from "../../../src/runtime/sandboxes/pod-environment-of.ts";
import { getSandbox } from "../../../src/runtime/sandboxes/sandbox-store.ts";
import { openPortForward } from "../../../src/runtime/services/port-forward.ts";
import { listPodSandbox } from "../../../src/runtime/services/sandbox-list.ts";
import { removePodSandbox } from "../../../src/runtime/services/sandbox-remove.ts";
import { runPodSandbox } from "../../../src/runtime/services/sandbox-run.ts";
import { podSandboxStatus } from "../../../src/runtime/services/sandbox-status.ts";
import { stopPodSandbox } from "../../../src/runtime/services/sandbox-stop.ts";
import { startBackgroundProcess } from "../../support/background-process.ts";
import { createCleanup } from "../../support/cleanup.ts";
import { assertNothingLeaked } from "../../support/embedded-root.ts";
import { freePort } from "../../support/free-port.ts";
import { run } from "../../support/run.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { openPodRoot, type PodRoot, podConfig, withLinux, withNamespaces } from "./pod-root.ts";

describe("a pod of the embedded runtime", () => {
  const cleanup = createCleanup();
  let root: PodRoot;
  before(async () => {
    root = await openPodRoot(cleanup);
  });
  after(() => cleanup.run());

  const runPod = async (fields: Parameters<typeof podConfig>[0] = {}) =>
    (await runPodSandbox(root.engine, { config: podConfig(fields), runtimeHandler: "" }))
      .podSandboxId;
  const status = async (id: string) =>
    (await podSandboxStatus(root.engine, { podSandboxId: id, verbose: true })).status;
  const stop = (id: string) => stopPodSandbox(root.engine, { podSandboxId: id });
  const remove = async (id: string) => {
    await removePodSandbox(root.engine, { podSandboxId: id });
    await assertNothingLeaked(root);
  };

  test("is ready with an address after run, not ready without one after stop, gone after remove", async () => {
    const labels = { app: "web" };
    const id = await runPod({ hostname: "web-1", labels, annotations: { note: "x" } });
    const ready = await status(id.slice(0, 12));
    assert.equal(ready?.state, PodSandboxState.SANDBOX_READY);
    assert.deepEqual(ready?.metadata, podConfig().metadata);
    assert.deepEqual([ready?.labels, ready?.annotations], [labels, { note: "x" }]);
    assert.match(ready?.network?.ip ?? "", /^10\./);
    const environment = podEnvironment(root.engine, getSandbox(root.engine, id));
    assert.match(readFileSync(environment.hostsFile, "utf8"), /^10\..*\tweb-1$/m);
    const { network, uts } = environment.namespaces;
    const inside = await run("nsenter", [
      `--net=${network}`,
      `--uts=${uts}`,
      "sh",
      "-c",
      "hostname; ip -br addr",
    ]);
    assert.match(inside.stdout, /^web-1$/m);
    assert.match(inside.stdout, /^lo +UNKNOWN +127\.0\.0\.1/m);
    assert.match(inside.stdout, new RegExp(`^eth0.* ${ready?.network?.ip}/`, "m"));

    await stop(id);
    await stop(id);
    const stopped = await status(id);
    assert.equal(stopped?.state, PodSandboxState.SANDBOX_NOTREADY);
    assert.equal(stopped?.network?.ip, "");
    await remove(id);
    await remove(id);
    await assert.rejects(status(id), { code: "NotFound" });
  });

  test("is listed by ID prefix, state and labels", async () => {
    const id = await runPod({ labels: { app: "a", tier: "1" } });
    const list = async (filter: Parameters<typeof listPodSandbox>[1]["filter"]) =>
      (await listPodSandbox(root.engine, { filter })).items.map((item) => item.id);
    const none = { id: "", state: undefined, labelSelector: {} };
    assert.deepEqual(await list(undefined), [id]);
    assert.deepEqual(await list({ ...none, id: id.slice(0, 8) }), [id]);
    assert.deepEqual(await list({ ...none, id: "ffff" }), []);
    assert.deepEqual(await list({ ...none, labelSelector: { app: "a" } }), [id]);
    assert.deepEqual(await list({ ...none, labelSelector: { app: "b" } }), []);
    const notReady = { state: PodSandboxState.SANDBOX_NOTREADY };
    assert.deepEqual(await list({ ...none, state: notReady }), []);
    await remove(id);
  });

  test("that is unknown can be stopped and removed, but has no status", async () => {
    await stop("0123456789abcdef");
    await remove("0123456789abcdef");
    await assert.rejects(status("0123456789abcdef"), { code: "NotFound" });
    await assert.rejects(stop(""), { code: "InvalidArgument" });
  });

  for (const [how, code] of [
    ["stopped", "FailedPrecondition"],
    ["removed", "NotFound"],
  ] as const) {
    test(`that is ${how} is named by a port-forward, which then holds its network no longer`, async () => {
      const id = await runPod();
      const { network = "" } = getSandbox(root.engine, id).namespaces;
      const { ino } = statSync(network);
      const session = await openPortForward(root.engine, { podSandboxId: id, port: [9] });
      await assert.rejects(session.connect(9), /connect to port 9/);
      assert.equal(processesIn(ino).length, 1);
      await stop(id);
      if (how === "removed") await remove(id);
      await assert.rejects(session.connect(9), { code, message: new RegExp(id) });
      await waitUntil("its helper is gone", () => processesIn(ino).length === 0);
      await session.close();
      await remove(id);
    });
  }

  test("keeps its name until it is removed", async () => {
    const id = await runPod();
    await assert.rejects(runPod(), { code: "AlreadyExists", message: new RegExp(id) });
    await stop(id);
    await assert.rejects(runPod(), { code: "AlreadyExists" });
    await remove(id);
    const next = await runPod();
    assert.notEqual(next, id);
    await remove(next);
  });

  test("has its sysctls, its name servers and its log directory", async () => {
    const logDirectory = join(root.directory, "logs", "pod");
    const sysctls = { "kernel.shm_rmid_forced": "1", "fs.mqueue.msg_max": "100" };
    const dnsConfig = { servers: ["10.0.0.53"], searches: ["svc"], options: [] };
    const id = await runPod({ ...withLinux({ sysctls }), dnsConfig, logDirectory });
    const environment = podEnvironment(root.engine, getSandbox(root.engine, id));
    const resolvConf = readFileSync(environment.resolvConfFile, "utf8");
    assert.equal(resolvConf, "nameserver 10.0.0.53\nsearch svc\n");
    const read = await run("nsenter", [
      `--ipc=${environment.namespaces.ipc}`,
      ...["cat", "/proc/sys/kernel/shm_rmid_forced", "/proc/sys/fs/mqueue/msg_max"],
    ]);
    assert.equal(read.stdout, "1\n100\n");
    assert.ok(existsSync(logDirectory));
    await remove(id);
  });

  test("on the host's network has the host's name and no namespaces of its own", async () => {
    const { NODE } = NamespaceMode;
    const id = await runPod(withNamespaces({ network: NODE, ipc: NODE, pid: NODE }));
    const { namespaces, shmDirectory, hostname } = getSandbox(root.engine, id);
    assert.deepEqual(Object.values(namespaces).filter(Boolean), []);
    assert.equal(shmDirectory, undefined);
    assert.equal(hostname, readFileSync("/proc/sys/kernel/hostname", "utf8").trim());
    assert.equal((await status(id))?.network?.ip, "");
    assert.equal((await status(id))?.linux?.namespaces?.options?.network, NODE);
    await remove(id);
  });

  test("that shares its PID namespace has a first process that sees nothing of the host", async () => {
    const id = await runPod(withNamespaces({ pid: NamespaceMode.POD }));
    const { pause, namespaces } = getSandbox(root.engine, id);
    assert.ok(pause && isAlive(pause));
    const inside = readdirSync(`/proc/${pause.pid}/root/usr`).concat(
      readdirSync(`/proc/${pause.pid}/root/proc`),
      readdirSync(`/proc/${pause.pid}/root/old`),
    );
    assert.deepEqual(inside, []);
    const fromInside = await run("nsenter", [`--pid=${namespaces.pid}`, "sh", "-c", "echo $$"]);
    assert.match(fromInside.stdout, /^\d{1,2}$/m);
    assert.notEqual(readlinkSync(`/proc/${pause.pid}/ns/pid`), readlinkSync("/proc/self/ns/pid"));
    await stop(id);
    assert.equal(isAlive(pause), false);
    await remove(id);
  });

  test("is reached on 127.0.0.1 through a host port, which no other pod gets meanwhile", async () => {
    const hostPort = await freePort();
    const portMappings = [
      { protocol: 0, containerPort: 80, hostPort, hostIp: "" },
      { protocol: 0, containerPort: 81, hostPort: 0, hostIp: "" },
    ] as const;
    const id = await runPod({ portMappings: [...portMappings] });
    const { namespaces } = getSandbox(root.engine, id);
    const server = createCleanup();
    try {
      const args = [`--net=${namespaces.network}`, process.execPath, "-e", SERVER];
      startBackgroundProcess(server, "nsenter", args);
      const answer = await waitUntil("the pod answers", () =>
        fetch(`http://127.0.0.1:${hostPort}/`).then((response) => response.text()),
      );
      assert.equal(answer, "hello");
      const other = { name: "other", namespace: "default", uid: "2", attempt: 0 };
      await assert.rejects(runPod({ metadata: other, portMappings: [...portMappings] }), {
        code: "AlreadyExists",
        message: new RegExp(`host port ${hostPort}/tcp belongs to the pod "web"`),
      });
    } finally {
      await server.run();
    }
    await remove(id);
    await assert.rejects(fetch(`http://127.0.0.1:${hostPort}/`));
  });

  test("runs beside seven others, each with its own address, and all are removed at once", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `pod-${index}`);
    const ids = await Promise.all(
      names.map((name) => runPod({ metadata: { name, namespace: "n", uid: name, attempt: 0 } })),
    );
    const addresses = await Promise.all(ids.map(async (id) => (await status(id))?.network?.ip));
    assert.equal(new Set(addresses).size, 8);
    await Promise.all(ids.map((id) => removePodSandbox(root.engine, { podSandboxId: id })));
    await assertNothingLeaked(root);
  });
});

const SERVER = `require("node:http").createServer((_, response) => response.end("hello")).listen(80)`;

/** Those in the network namespace with that inode. */
function processesIn(network: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === `net:[${network}]`;
    } catch {
      return false;
    }
  });
}
