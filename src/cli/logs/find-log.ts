import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Container } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";

/**
 * Where a container's log lies on this node. Throws FailedPrecondition where the runtime is
 * another node's or keeps no log of it.
 */
export async function findLog(context: Context, containerId: string): Promise<string> {
  const backend = await context.backend();
  if (/^tcp:/i.test(backend.endpoint)) {
    throw new StatusError(
      "FailedPrecondition",
      `logs are files on the runtime's node, and "${backend.endpoint}" may be another one`,
      { hint: "run crish on that node, over its unix socket" },
    );
  }
  const { status } = await backend.runtime.containerStatus(
    { containerId, verbose: false },
    callOptions(context),
  );
  if (!status?.logPath) {
    throw new StatusError("FailedPrecondition", `container "${containerId}" has no log path`, {
      hint: "the pod was made without log_directory, or the container without log_path",
    });
  }
  return status.logPath;
}

/** The log of one attempt of a container. */
export interface AttemptLog {
  readonly attempt: number;
  readonly path: string;
}

/**
 * The logs of a container's attempts, the oldest first: of those that the runtime still knows, and
 * of the files that are named by the attempt, as the kubelet names them.
 */
export async function findAttempts(
  context: Context,
  current: Container,
): Promise<readonly AttemptLog[]> {
  const { name = "", attempt = 0 } = current.metadata ?? {};
  const path = await findLog(context, current.id);
  const found = new Map((await attemptsByFile(path, attempt)).map((log) => [log.attempt, log]));
  const { runtime } = await context.backend();
  const { containers } = await runtime.listContainers({ filter: undefined }, callOptions(context));
  const others = containers.filter(
    (other) =>
      other.metadata?.name === name &&
      other.id !== current.id &&
      (other.podSandboxId === current.podSandboxId || isOfSamePod(other, current)),
  );
  for (const { id, metadata } of others) {
    const other = metadata?.attempt ?? 0;
    const log = await findLog(context, id).catch((error: unknown) => {
      // Another has removed it meanwhile, or it has no log: the file may be there.
      if (hasCode(error, "NotFound") || hasCode(error, "FailedPrecondition")) return undefined;
      throw error;
    });
    if (log !== undefined) found.set(other, { attempt: other, path: log });
  }
  found.set(attempt, { attempt, path });
  return [...found.values()].sort((left, right) => left.attempt - right.attempt);
}

/**
 * The log of the attempt before this one, or of the given attempt. Throws NotFound, with those that
 * there are.
 */
export async function findAttempt(
  context: Context,
  current: Container,
  wanted: number | "previous",
): Promise<AttemptLog> {
  const attempts = await findAttempts(context, current);
  const { name = "", attempt: last = 0 } = current.metadata ?? {};
  const found =
    wanted === "previous"
      ? attempts.findLast(({ attempt }) => attempt < last)
      : attempts.find(({ attempt }) => attempt === wanted);
  if (found !== undefined) return found;
  const which = wanted === "previous" ? "previous attempt" : `attempt ${wanted}`;
  throw new StatusError("NotFound", `container "${name}" has no ${which}`, {
    hint: `there is a log of ${attempts.map(({ attempt }) => attempt).join(", ")}`,
  });
}

/** `0.log`, `1.log` and so on in the directory of a log that is named so itself. */
async function attemptsByFile(path: string, attempt: number): Promise<readonly AttemptLog[]> {
  if (basename(path) !== `${attempt}.log`) return [];
  const names = await readdir(dirname(path)).catch(() => []);
  return names.flatMap((name) => {
    const [, digits] = /^(\d{1,9})\.log$/.exec(name) ?? [];
    if (digits === undefined) return [];
    return [{ attempt: Number(digits), path: join(dirname(path), name) }];
  });
}

/** A pod has another sandbox after a reboot; only a kubelet's labels tell so. */
function isOfSamePod(left: Container, right: Container): boolean {
  const uid = left.labels["io.kubernetes.pod.uid"];
  return uid !== undefined && uid !== "" && uid === right.labels["io.kubernetes.pod.uid"];
}
