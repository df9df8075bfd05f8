import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { errnoText } from "../../errors/errno-text.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { startFailureStatus } from "../exec/start-failure.ts";
import { makeLogDirectory } from "../make-log-directory.ts";
import { printError } from "../print-error.ts";
import { removeRunLogs, runLogDirectory } from "./log-directory.ts";
import { removePod, type StartedPod, startPod } from "./start-pod.ts";
import { stayAttached } from "./stay-attached.ts";
import { type RunConfigs, toConfigs } from "./to-configs.ts";

export interface RunImageOptions {
  readonly image: string;
  readonly command: readonly string[];
  readonly flags: CommandInput["flags"];
}

/** `run IMAGE [CMD…]`: a pod with one container, left running or watched to its end. */
export async function runImage(context: Context, options: RunImageOptions): Promise<number> {
  const { flags } = options;
  refuseImpossible(context, flags);
  const configs = await readConfigs(context, options);
  await refuseTakenName(context, flags, configs);
  const { logDirectory } = configs.pod;
  if (logDirectory !== "") await makeLogDirectory(logDirectory);
  let started: StartedPod;
  try {
    started = await startPod(context, { ...configs, flags });
  } catch (error) {
    if (flags.keep !== true) await removeLogsOf(configs.pod);
    const status = flags.detach === true ? undefined : startFailureStatus(error);
    if (status === undefined) throw error;
    await printError(context.stderr, error);
    return status;
  }
  if (flags.detach === true) {
    await context.stdout.write(`${started.containerId}\n`);
    return EXIT.success;
  }
  return await watch(context, { flags, started, pod: configs.pod });
}

interface Watched {
  readonly flags: CommandInput["flags"];
  readonly started: StartedPod;
  readonly pod: PodSandboxConfig;
}

async function watch(context: Context, { flags, started, pod }: Watched) {
  let isDetached = false;
  try {
    const ending = await stayAttached(context, {
      containerId: started.containerId,
      stdin: flags.interactive === true,
      tty: flags.tty === true,
    });
    isDetached = ending === "detached";
    if (ending !== "detached") return ending.exitCode;
    await context.stderr.write(`\r\ndetached from ${started.containerId.slice(0, 13)}\r\n`);
    return EXIT.success;
  } finally {
    if (flags.rm === true && !isDetached) {
      await removePod(context, started.podSandboxId);
      await removeLogsOf(pod);
    }
  }
}

function refuseImpossible(context: Context, flags: CommandInput["flags"]): void {
  if (flags.rm === true && flags.detach === true) {
    throw new StatusError("InvalidArgument", "--rm needs somebody who waits: it excludes -d", {
      hint: "remove the pod with crish rmp -f",
    });
  }
  if (flags.tty === true && flags.detach !== true && !context.stdin.isTty) {
    throw new StatusError(
      "FailedPrecondition",
      "stdin is not a terminal, so there is none for -t",
      {
        hint: "leave out -t",
      },
    );
  }
}

async function readConfigs(context: Context, options: RunImageOptions): Promise<RunConfigs> {
  const backend = await context.backend();
  const podUid = randomUUID();
  const paths = Array.isArray(options.flags["env-file"]) ? options.flags["env-file"] : [];
  const envFileLines: string[] = [];
  for (const path of paths) envFileLines.push(...(await readEnvFile(resolve(context.cwd, path))));
  return toConfigs({
    ...options,
    envFileLines,
    env: context.env,
    cwd: context.cwd,
    podUid,
    // The embedded runtime keeps a log of every container by itself.
    logDirectory: (name) =>
      backend.kind === "embedded" ? "" : (runLogDirectory({ name, uid: podUid }) ?? ""),
  });
}

async function readEnvFile(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, "utf8")).split(/\r?\n/);
    return lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  } catch (cause) {
    throw new StatusError(
      "InvalidArgument",
      `--env-file: cannot read "${path}": ${errnoText(cause)}`,
    );
  }
}

/** CRI allows two pods of one name; people who say --name mean that one. */
async function refuseTakenName(
  context: Context,
  flags: CommandInput["flags"],
  { pod }: RunConfigs,
): Promise<void> {
  if (typeof flags.name !== "string" || flags.name === "") return;
  const { runtime } = await context.backend();
  const { items } = await runtime.listPodSandbox({ filter: undefined }, { signal: context.signal });
  const isTaken = items.some(
    ({ metadata }) =>
      metadata?.name === pod.metadata?.name && metadata?.namespace === pod.metadata?.namespace,
  );
  if (!isTaken) return;
  throw new StatusError("AlreadyExists", `there is a pod "${flags.name}" already`, {
    hint: `crish rmp -f ${flags.name} removes it`,
  });
}

async function removeLogsOf(pod: PodSandboxConfig): Promise<void> {
  if (pod.metadata !== undefined) await removeRunLogs(pod.metadata);
}
