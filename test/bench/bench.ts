/**
 * npm run bench: the embedded runtime beside containerd, driven by the same commands of dist/crish,
 * and whole processes beside crictl ($CRICTL) or ctr. Prints medians and ratios, asserts nothing.
 * Absolute times mean little on a shared machine; a ratio comes from turns taken in one run.
 * BENCH_PARTS (lifecycle,pull,process), BENCH_ROUNDS and BENCH_PULL_ROUNDS make a run shorter.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { busyboxImage } from "../support/busybox-image.ts";
import { type Cleanup, createCleanup } from "../support/cleanup.ts";
import { startContainerd } from "../support/containerd.ts";
import { createEmbeddedRoot, type EmbeddedRoot } from "../support/embedded-root.ts";
import { bridgeNetworkList } from "../support/network-list.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { measureCni } from "./cni-time.ts";
import { type Competitor, type Medians, takeTurns, timeProcess } from "./measure.ts";
import { openShellSession } from "./shell-session.ts";

const CRISH = resolve(import.meta.dirname, "../../dist/crish");
const LIFECYCLE_ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15);
const PULL_ROUNDS = Number(process.env.BENCH_PULL_ROUNDS ?? 5);
const PARTS = (process.env.BENCH_PARTS ?? "lifecycle,pull,process").split(",");
const PROCESS_ROUNDS = 25;

/** ctr wants another ID for every exec. */
let execCount = 0;

interface Target {
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
}

const cleanup = createCleanup();
try {
  await main();
} finally {
  await cleanup.run();
}

async function main(): Promise<void> {
  requireCompetitors();
  const registry = await startRegistry(cleanup);
  const containerd = await startContainerd(cleanup);
  const embedded = await createEmbeddedRoot(cleanup);
  await useSameNetworkList(embedded);
  const base = { PATH: process.env.PATH, HOME: "/nonexistent", CRI_CONFIG_FILE: "/dev/null" };
  const targets: Target[] = [
    { name: "embedded", env: { ...base, ...embedded.env } },
    { name: "containerd", env: { ...base, CONTAINER_RUNTIME_ENDPOINT: containerd.endpoint } },
  ];
  const image = await registry.push("busybox", "latest", busyboxImage());
  for (const target of targets) await crish(target, "pull", image);

  const files = await podFiles(cleanup, image);
  if (PARTS.includes("lifecycle")) await measureLifecycle(targets, files);
  if (PARTS.includes("pull")) await measurePulls(registry, targets);
  if (PARTS.includes("process")) await measureProcesses(targets, containerd.socket, files);
}

/** The same commands twice: in one session of the shell, and as a process each. */
async function measureLifecycle(targets: readonly Target[], files: PodFiles): Promise<void> {
  const sessions = targets.map(({ name, env }) => ({ name, ...openShellSession(CRISH, env) }));
  const inSession = await takeTurns(
    sessions.map(({ name, run }) => lifecycleOf(name, files, run)),
    LIFECYCLE_ROUNDS,
  );
  for (const session of sessions) await session.close();
  report("pod and container, commands of one shell (ms)", inSession, "containerd");
  const asProcesses = await takeTurns(
    targets.map((target) => lifecycleOf(target.name, files, (...words) => crish(target, ...words))),
    LIFECYCLE_ROUNDS,
  );
  report("pod and container, a process per command (ms)", asProcesses, "containerd");
  const cni = await measureCni(cleanup, LIFECYCLE_ROUNDS);
  print(`  in both, the CNI plugins alone: ADD ${ms(cni.addMs)}, DEL ${ms(cni.delMs)}`);
}

/** Both sides run the same plugins with the same configuration; the default list would be quicker. */
async function useSameNetworkList(root: EmbeddedRoot): Promise<void> {
  const list = bridgeNetworkList({
    name: root.network,
    bridge: root.bridge,
    directory: root.root,
  });
  await writeFile(join(root.directory, "net.d", "10-bench.conflist"), JSON.stringify(list));
}

function requireCompetitors(): void {
  for (const command of ["containerd", "ctr", "docker-registry"]) {
    if (spawnSync(command, ["--version"]).error !== undefined) {
      throw new Error(`${command} is missing: there is nothing to measure against`);
    }
  }
  if (!existsSync(CRISH)) throw new Error("dist/crish is missing: npm run build makes it");
}

type RunCommand = (...words: readonly string[]) => Promise<{ ms: number; stdout: string }>;

function lifecycleOf(name: string, files: PodFiles, run: RunCommand): Competitor {
  return {
    name,
    turn: async () => {
      const pod = await run("runp", files.pod);
      const created = await run("create", pod.stdout, files.container, files.pod);
      const id = created.stdout;
      const started = await run("start", id);
      const executed = await run("exec", id, "echo", "done");
      const stopped = await run("stop", "-t", "0", id);
      const removed = await run("rm", id);
      const podStopped = await run("stopp", pod.stdout);
      const podRemoved = await run("rmp", pod.stdout);
      const steps = {
        "pod run": pod.ms,
        "container create + start": created.ms + started.ms,
        exec: executed.ms,
        stop: stopped.ms,
        remove: removed.ms,
        "pod stop + remove": podStopped.ms + podRemoved.ms,
      };
      const whole = Object.values(steps).reduce((sum, step) => sum + step, 0);
      return { ...steps, "whole lifecycle": whole };
    },
  };
}

/**
 * Every round pulls another image of the same shape, and nothing is removed in between: for a minute
 * ext4 passes over every inode that was freed, one by one, and would make a pull after a removal of
 * 20,000 files a measurement of that.
 */
async function measurePulls(registry: TestRegistry, targets: readonly Target[]): Promise<void> {
  const shapes = [
    ["4 layers", "four-layers"],
    ["20,000 small files", "many-files"],
  ] as const;
  for (const [title, shape] of shapes) {
    const images = pushEachRound(registry.host, shape);
    const pulls = await takeTurns(
      targets.map((target) => ({
        name: target.name,
        turn: async (round) => {
          const { reference } = await images(round);
          // What was written before is settled first, whoever wrote it.
          await timeProcess("sync", []);
          return { pull: (await crish(target, "pull", reference)).ms };
        },
      })),
      PULL_ROUNDS,
    );
    const { sent, unpacked } = await images(0);
    report(
      `pull, ${title}: ${mib(sent)} sent, ${mib(unpacked)} unpacked (ms)`,
      pulls,
      "containerd",
    );
  }
}

interface PushedImage {
  readonly reference: string;
  readonly sent: number;
  readonly unpacked: number;
}

/** The image of a round, built and pushed when it is first asked for. */
function pushEachRound(host: string, shape: string): (round: number) => Promise<PushedImage> {
  const pushed = new Map<number, PushedImage>();
  const script = resolve(import.meta.dirname, "push-image.ts");
  return async (round) => {
    const known = pushed.get(round);
    if (known !== undefined) return known;
    const args = [script, host, `bench/${shape}-${round + 1}`, shape, String(round + 2)];
    const image: PushedImage = JSON.parse((await timeProcess(process.execPath, args)).stdout);
    pushed.set(round, image);
    return image;
  };
}

async function measureProcesses(
  targets: readonly Target[],
  socket: string,
  files: PodFiles,
): Promise<void> {
  const crictl = process.env.CRICTL;
  const running = new Map<string, { pod: string; id: string }>();
  for (const target of targets) running.set(target.name, await startContainer(target, files));
  const other = crictl === undefined ? "ctr" : "crictl";
  const competitor: Competitor = {
    name: other,
    turn: async () => {
      const id = running.get("containerd")?.id ?? "";
      const ctr = ["-a", socket, "-n", "k8s.io"];
      const lines: Record<string, string[]> =
        crictl === undefined
          ? {
              "--version": ["--version"],
              ps: [...ctr, "containers", "ls"],
              exec: [...ctr, "tasks", "exec", "--exec-id", `bench${execCount++}`, id, "true"],
            }
          : {
              "--version": ["--version"],
              ps: ["-r", `unix://${socket}`, "ps"],
              exec: ["-r", `unix://${socket}`, "exec", id, "true"],
            };
      const command = crictl ?? "ctr";
      return timeEach(lines, (line) => timeProcess(command, line));
    },
  };
  const ours = targets.map(
    (target): Competitor => ({
      name: `crish ${target.name}`,
      turn: async () => {
        const id = running.get(target.name)?.id ?? "";
        const lines = { "--version": ["--version"], ps: ["ps"], exec: ["exec", id, "true"] };
        return timeEach(lines, (line) => crish(target, ...line));
      },
    }),
  );
  report("whole processes (ms)", await takeTurns([...ours, competitor], PROCESS_ROUNDS), other);
  for (const target of targets)
    await crish(target, "rmp", "--force", running.get(target.name)?.pod ?? "");
}

async function startContainer(
  target: Target,
  files: PodFiles,
): Promise<{ pod: string; id: string }> {
  const { stdout: pod } = await crish(target, "runp", files.pod);
  const { stdout: id } = await crish(target, "create", pod, files.container, files.pod);
  await crish(target, "start", id);
  return { pod, id };
}

interface PodFiles {
  readonly pod: string;
  readonly container: string;
}

async function podFiles(owner: Cleanup, image: string): Promise<PodFiles> {
  const directory = await temporaryDirectory(owner, "bench");
  const files = { pod: join(directory, "pod.json"), container: join(directory, "container.json") };
  const logDirectory = join(directory, "logs");
  await mkdir(logDirectory);
  const pod = {
    metadata: { name: "bench", namespace: "default", uid: "bench-uid", attempt: 0 },
    log_directory: logDirectory,
    linux: {},
  };
  const container = {
    metadata: { name: "main" },
    image: { image },
    command: ["sleep", "3600"],
    log_path: "main.log",
    linux: {},
  };
  await writeFile(files.pod, JSON.stringify(pod));
  await writeFile(files.container, JSON.stringify(container));
  return files;
}

function crish(
  target: Target,
  ...args: readonly string[]
): Promise<{ ms: number; stdout: string }> {
  return timeProcess(CRISH, args, { env: target.env });
}

async function timeEach(
  lines: Readonly<Record<string, string[]>>,
  time: (line: string[]) => Promise<{ ms: number }>,
): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const [step, line] of Object.entries(lines)) times[step] = (await time(line)).ms;
  return times;
}

/** A line per step: each competitor's median, and its ratio to the one named. */
function report(title: string, medians: Medians, reference: string): void {
  print(`\n${title}`);
  const steps = Object.keys(medians[reference] ?? {});
  for (const step of steps) {
    const base = medians[reference]?.[step] ?? Number.NaN;
    const columns = Object.entries(medians).map(([name, times]) => {
      const value = times[step] ?? Number.NaN;
      const ratio = name === reference ? "" : ` (${(value / base).toFixed(2)})`;
      return `${name} ${ms(value)}${ratio}`;
    });
    print(`  ${step.padEnd(26)} ${columns.join("   ")}`);
  }
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function mib(bytes: number): string {
  return `${Math.round(bytes / (1 << 20))} MiB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
