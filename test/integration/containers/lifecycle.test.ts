import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { before, describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import {
  ContainerConfig,
  ContainerState,
  type ContainerStatus,
  LinuxContainerConfig,
  LinuxContainerResources,
  LinuxContainerSecurityContext,
  PodSandboxConfig,
  Signal,
} from "../../../src/cri/gen/runtime/v1/api.ts";
import { openEmbedded } from "../../../src/runtime/index.ts";
import { busyboxImage } from "../../support/busybox-image.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { createEmbeddedRoot, SILENT } from "../../support/embedded-root.ts";
import { dockerArchive } from "../../support/image-archive.ts";
import { waitUntil } from "../../support/wait-until.ts";

const IMAGE = "localhost/busybox:lifecycle";
const MIB = 1024n * 1024n;

describe("containers under conmon and runc", () => {
  const cleanup = cleanupAfter();
  let root: Awaited<ReturnType<typeof createEmbeddedRoot>>;
  let backend: Awaited<ReturnType<typeof openEmbedded>>;
  let podSandboxId = "";
  let attempt = 0;

  before(async () => {
    root = await createEmbeddedRoot(cleanup);
    backend = await open();
    cleanup.add("close the backend", () => backend.close());
    const imageStore = await backend.imageStore();
    await imageStore?.load(Readable.from([dockerArchive(busyboxImage(), [IMAGE])]), {});
    const logDirectory = join(root.directory, "logs");
    await mkdir(logDirectory);
    const config = createMessage(PodSandboxConfig, {
      metadata: { name: "pod", uid: "1", namespace: "default", attempt: 0 },
      logDirectory,
    });
    const pod = await backend.runtime.runPodSandbox({ config, runtimeHandler: "" });
    podSandboxId = pod.podSandboxId;
  });

  const open = () =>
    openEmbedded({
      root: root.root,
      state: root.state,
      configFile: root.configFile,
      mode: "one-shot",
      log: SILENT,
    });

  async function create(script: string, fields: Partial<ContainerConfig> = {}): Promise<string> {
    attempt += 1;
    const config = createMessage(ContainerConfig, {
      metadata: { name: "c", attempt },
      image: {
        image: IMAGE,
        annotations: {},
        userSpecifiedImage: "",
        runtimeHandler: "",
        imageRef: "",
      },
      command: ["sh", "-c", script],
      logPath: `c-${attempt}.log`,
      ...fields,
    });
    const request = { podSandboxId, config, sandboxConfig: undefined };
    return (await backend.runtime.createContainer(request)).containerId;
  }

  async function run(script: string, fields: Partial<ContainerConfig> = {}): Promise<string> {
    const containerId = await create(script, fields);
    await backend.runtime.startContainer({ containerId });
    return containerId;
  }

  async function status(containerId: string): Promise<ContainerStatus> {
    const response = await backend.runtime.containerStatus({ containerId, verbose: false });
    assert.ok(response.status);
    return response.status;
  }

  async function verbose(containerId: string): Promise<{ pid: number; shimPid: number }> {
    const { info } = await backend.runtime.containerStatus({ containerId, verbose: true });
    return JSON.parse(info.info ?? "{}");
  }

  const exited = (containerId: string) =>
    waitUntil("the container has exited", async () => {
      const now = await status(containerId);
      return now.state === ContainerState.CONTAINER_EXITED && now;
    });

  const log = async (containerId: string) =>
    readFileSync((await status(containerId)).logPath, "utf8");

  it("tell success, failure and a signal apart", async () => {
    const ended = async (script: string) => {
      const now = await exited(await run(script));
      return [now.exitCode, now.reason];
    };
    assert.deepEqual(await ended("exit 0"), [0, "Completed"]);
    assert.deepEqual(await ended("exit 42"), [42, "Error"]);
    const killed = await run("sleep 4710");
    process.kill((await verbose(killed)).pid, "SIGKILL");
    const { exitCode, reason } = await exited(killed);
    assert.deepEqual([exitCode, reason], [137, "Error"]);
  });

  it("are OOMKilled with 137 when they take more memory than they may", async () => {
    const resources = createMessage(LinuxContainerResources, {
      memoryLimitInBytes: 15n * MIB,
      memorySwapLimitInBytes: 15n * MIB,
    });
    const linux = createMessage(LinuxContainerConfig, { resources });
    const id = await run("dd if=/dev/zero of=/dev/null bs=20M", {
      command: ["dd", "if=/dev/zero", "of=/dev/null", "bs=20M"],
      linux,
    });
    const { exitCode, reason } = await exited(id);
    assert.deepEqual([exitCode, reason], [137, "OOMKilled"]);
  });

  it("write the CRI log format, with the finish after the start", async () => {
    const id = await run("echo out; echo err >&2");
    const { startedAt, finishedAt, createdAt } = await exited(id);
    assert.match(await log(id), /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}\+00:00 stdout F out$/m);
    assert.match(await log(id), / stderr F err$/m);
    assert.ok(createdAt <= startedAt && startedAt <= finishedAt);
  });

  it("get their own stop signal and end within the grace", async () => {
    const id = await run("trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done", {
      stopSignal: Signal.SIGUSR1,
    });
    await waitUntil("the trap is set", async () => (await log(id)).includes("ready"));
    await backend.runtime.stopContainer({ containerId: id, timeout: 30n });
    assert.equal((await status(id)).exitCode, 5);
  });

  it("are killed when the grace is over, with all that they have started", async () => {
    const script = "trap 'echo told' TERM; echo ready; while :; do sleep 0.05; done";
    const id = await run(script);
    await waitUntil("the trap is set", async () => (await log(id)).includes("ready"));
    await backend.runtime.stopContainer({ containerId: id, timeout: 2n });
    assert.equal((await status(id)).exitCode, 137);
    assert.match(await log(id), / told$/m);
  });

  it("end as EXITED, 255, Unknown when their shim is killed, and nothing of them runs", async () => {
    const id = await run("sleep 4712 & sleep 4712");
    const { pid, shimPid } = await verbose(id);
    process.kill(shimPid, "SIGKILL");
    const { exitCode, reason } = await exited(id);
    assert.deepEqual([exitCode, reason], [255, "Unknown"]);
    await waitUntil("its process is gone", () => isGone(pid));
  });

  it("keep their shim outside the cgroups of whoever created them", async () => {
    const { shimPid } = await verbose(await run("sleep 4713"));
    const lines = readFileSync(`/proc/${shimPid}/cgroup`, "utf8").trim().split("\n");
    assert.ok(
      lines.every((line) => line.includes(`${root.cgroupParent}/`)),
      lines.join(" "),
    );
    const descriptors = readFileSync(`/proc/${shimPid}/environ`, "utf8");
    assert.doesNotMatch(descriptors, /CRISH|NOTIFY_SOCKET|HOME=/);
  });

  it("are seen as they are by a process that opens the root later", async () => {
    const id = await run("sleep 0.2; exit 9");
    const later = await open();
    try {
      await waitUntil("it has exited", async () => {
        const { status: now } = await later.runtime.containerStatus({
          containerId: id,
          verbose: false,
        });
        return now?.exitCode === 9;
      });
    } finally {
      await later.close();
    }
  });

  it("are removed running, leaving neither mount nor cgroup nor process", async () => {
    const id = await run("sleep 4714");
    const { pid } = await verbose(id);
    await backend.runtime.removeContainer({ containerId: id });
    await assert.rejects(status(id), { code: "NotFound" });
    assert.ok(isGone(pid));
    assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(id));
    assert.ok(!existsSync(`/sys/fs/cgroup/pids${root.cgroupParent}/${podSandboxId}/${id}`));
  });

  it("leave nothing when their program does not exist, and say so", async () => {
    const id = await create("", { command: ["/no/such/program"] }).catch((error: unknown) => error);
    // Some runtimes look for the program at the creation, others at the start.
    if (typeof id !== "string") {
      assert.match(String(id), /no\/such\/program/);
    } else {
      await assert.rejects(
        backend.runtime.startContainer({ containerId: id }),
        /no\/such\/program/,
      );
    }
  });

  it("refuse a second start, and a name that the pod has", async () => {
    const id = await run("sleep 4715");
    await assert.rejects(backend.runtime.startContainer({ containerId: id }), {
      code: "FailedPrecondition",
    });
    attempt -= 1;
    await assert.rejects(create("true"), { code: "AlreadyExists" });
  });

  it("have a new log at once after a rename, and keep one that was not renamed", async () => {
    const id = await run("while :; do echo tick; sleep 0.02; done");
    const { logPath } = await status(id);
    await waitUntil("it writes", () => readFileSync(logPath, "utf8").includes("tick"));
    await backend.runtime.reopenContainerLog({ containerId: id });
    assert.match(readFileSync(logPath, "utf8"), /tick/);
    renameSync(logPath, `${logPath}.1`);
    await backend.runtime.reopenContainerLog({ containerId: id });
    assert.ok(existsSync(logPath));
    const before = readFileSync(`${logPath}.1`).length;
    await waitUntil("the new log grows", () => readFileSync(logPath, "utf8").includes("tick"));
    assert.equal(readFileSync(`${logPath}.1`).length, before);
  });

  it("end an ExecSync with its program, and leave its background processes alone", async () => {
    const id = await run("sleep 4716");
    const exec = (script: string, timeout = 0n) =>
      backend.runtime.execSync({ containerId: id, cmd: ["sh", "-c", script], timeout });
    const { stdout, exitCode } = await exec("sleep 4730 & echo hi; exit 3");
    assert.deepEqual([Buffer.from(stdout).toString(), exitCode], ["hi\n", 3]);
    assert.match(Buffer.from((await exec("ps")).stdout).toString(), /sleep 4730/);
  });

  it("kill everything that an ExecSync has started when its time is over", async () => {
    const id = await run("sleep 4717");
    const exec = (script: string, timeout: bigint) =>
      backend.runtime.execSync({ containerId: id, cmd: ["sh", "-c", script], timeout });
    await assert.rejects(exec("sleep 31 & sleep 32", 1n), { code: "DeadlineExceeded" });
    assert.doesNotMatch(Buffer.from((await exec("ps", 0n)).stdout).toString(), /sleep 3[12]/);
  });

  it("refuse the output of an ExecSync that is too large, however soon it ends", async () => {
    const id = await run("sleep 4741");
    const exec = (bytes: number) =>
      backend.runtime.execSync({
        containerId: id,
        cmd: ["head", "-c", String(bytes), "/dev/zero"],
        timeout: 0n,
      });
    assert.equal((await exec(10_000_000)).stdout.length, 10_000_000);
    await assert.rejects(exec(17_000_000), { code: "ResourceExhausted" });
  });

  it("exec as another user, with environment and directory", async () => {
    const id = await run("sleep 4718");
    const chunks: Buffer[] = [];
    const { PassThrough } = await import("node:stream");
    const stdout = new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
    const { exitCode } = await backend.streams.exec(
      {
        containerId: id,
        cmd: ["sh", "-c", "id -u; id -g; echo $A; pwd"],
        tty: false,
        stdin: false,
        stdout: true,
        stderr: true,
        overrides: { user: "app", env: ["A=b c"], cwd: "/tmp" },
      },
      { stdout, signal: new AbortController().signal },
    );
    assert.equal(exitCode, 0);
    assert.equal(Buffer.concat(chunks).toString(), "1001\n1002\nb c\n/tmp\n");
  });

  it("run under the default seccomp profile when asked to, and without one when not", async () => {
    const seccompOf = async (linux: LinuxContainerConfig | undefined) => {
      const id = await run("sleep 4719", { linux });
      const cmd = ["grep", "Seccomp:", "/proc/self/status"];
      const { stdout } = await backend.runtime.execSync({ containerId: id, cmd, timeout: 0n });
      return Buffer.from(stdout).toString().trim().split(/\s+/)[1];
    };
    const securityContext = createMessage(LinuxContainerSecurityContext, {
      seccomp: { profileType: 0, localhostRef: "" },
    });
    assert.equal(await seccompOf(createMessage(LinuxContainerConfig, { securityContext })), "2");
    assert.equal(await seccompOf(undefined), "0");
  });

  it("have the figures of their cgroup", async () => {
    const id = await run("while :; do :; done");
    const file = `/sys/fs/cgroup/cpuacct${root.cgroupParent}/${podSandboxId}/${id}/cpuacct.usage`;
    const used = () => Number(readFileSync(file, "utf8"));
    await waitUntil("it has worked", () => used() > 200_000_000);
    const before = used();
    const { stats } = await backend.runtime.containerStats({ containerId: id });
    const told = Number(stats?.cpu?.usageCoreNanoSeconds?.value ?? 0n);
    const after = used();
    assert.ok(before <= told && told <= after, `${told} between ${before} and ${after}`);
    assert.ok((stats?.memory?.workingSetBytes?.value ?? 0n) > 0n);
  });
});

function isGone(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}
