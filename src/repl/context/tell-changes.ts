import { callOptions } from "../../cli/call-options.ts";
import type { Context, Session } from "../../cli/context.ts";
import { openContext } from "../../cli/create-context.ts";
import { podOf } from "../../cli/pod-facts.ts";
import { type Container, ContainerState, type Image } from "../../cri/gen/runtime/v1/api.ts";
import { sleep } from "../../host/sleep.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { shortId } from "../../output/short-id.ts";
import type { Shell } from "../shell.ts";

/**
 * Tells, while a line is typed, what else happens on the node: containers that end, and images that
 * come and go. It compares lists instead of listening to events, which runtimes before containerd 1.7
 * do not have, which some give to one listener alone (the kubelet's would be taken away), and which
 * know nothing of images.
 */
export interface ChangeTeller {
  /** Looks again and again from now on, until the returned function is called. */
  whileIdle(): () => void;
  /**
   * A line has been run, which may have stopped and removed things where `hasDestroyed`: of what the
   * next look finds, the line's own doing is not told, nor are images that came meanwhile.
   */
  afterLine(line: { readonly hasDestroyed: boolean }): void;
}

export interface ChangeTellerOptions {
  readonly shell: Shell;
  /** Prints lines above what is typed. */
  print(text: string): Promise<void>;
  /** Time between two looks. */
  readonly lookMs?: number;
}

const LOOK_MS = 2000;
/** A look takes at most this part of the time, however many objects the node has. */
const SHARE = 20;
const MOST_LINES = 5;

interface Seen {
  /** Who was asked, in the line that greets. */
  readonly runtime: string;
  readonly running: ReadonlyMap<string, Container>;
  readonly images: ReadonlyMap<string, Image>;
}

export function createChangeTeller({
  shell,
  print,
  lookMs = LOOK_MS,
}: ChangeTellerOptions): ChangeTeller {
  let seen: Seen | undefined;
  let pauseMs = lookMs;
  let next: TellsWhat = EVERYTHING;
  /** Whether the shell's user wants to be told: `set events off` is the variable of that name. */
  const isWanted = () => shell.variables.get("events") !== "off";

  const look = async (signal: AbortSignal): Promise<void> => {
    const startedAt = performance.now();
    const runtime = shell.runtime?.line;
    if (runtime === undefined) return;
    const context = await openContext(within(shell.session, signal));
    const now = await lookAround(context, runtime);
    pauseMs = Math.max(lookMs, (performance.now() - startedAt) * SHARE);
    const before = seen;
    const tells = next;
    seen = now.seen;
    next = EVERYTHING;
    if (before?.runtime !== runtime) return;
    const lines = [
      ...(tells.ends ? await endedLines(context, before, now.containers) : []),
      ...(tells.images ? imageLines(before, now.seen) : []),
    ];
    if (signal.aborted || lines.length === 0) return;
    const more = lines.length - MOST_LINES;
    const shown = more > 0 ? [...lines.slice(0, MOST_LINES), `and ${more} more changes`] : lines;
    await print(shown.map((line) => dim(line, shell.session.stdout.color)).join("\n"));
  };

  return {
    whileIdle() {
      const ending = new AbortController();
      void (async () => {
        while (!ending.signal.aborted) {
          // A runtime that does not answer is told of where a command needs it.
          if (isWanted()) await look(ending.signal).catch(() => {});
          else seen = undefined;
          await sleep(pauseMs, { signal: ending.signal }).catch(() => {});
        }
      })();
      return () => ending.abort();
    },
    afterLine({ hasDestroyed }) {
      next = { ends: !hasDestroyed && next.ends, images: false };
    },
  };
}

interface TellsWhat {
  readonly ends: boolean;
  readonly images: boolean;
}

const EVERYTHING: TellsWhat = { ends: true, images: true };

interface Now {
  readonly seen: Seen;
  readonly containers: readonly Container[];
}

async function lookAround(context: Context, runtime: string): Promise<Now> {
  const backend = await context.backend();
  const [{ containers }, { images }] = await Promise.all([
    backend.runtime.listContainers({ filter: undefined }, callOptions(context)),
    backend.images.listImages({ filter: undefined }, callOptions(context)),
  ]);
  const running = containers.filter(({ state }) => state === ContainerState.CONTAINER_RUNNING);
  const seen = {
    runtime,
    running: new Map(running.map((container) => [container.id, container])),
    images: new Map(images.map((image) => [image.id, image])),
  };
  return { seen, containers };
}

/** Containers that ran and have ended; one that is gone altogether was removed by somebody. */
async function endedLines(
  context: Context,
  before: Seen,
  containers: readonly Container[],
): Promise<readonly string[]> {
  const ended = containers.filter(
    ({ id, state }) => state === ContainerState.CONTAINER_EXITED && before.running.has(id),
  );
  const { runtime } = await context.backend();
  return await Promise.all(
    ended.map(async (container, index) => {
      const name = pathOf(container);
      if (index >= MOST_LINES) return `container ${name} ended`;
      const { status } = await runtime.containerStatus(
        { containerId: container.id, verbose: false },
        callOptions(context),
      );
      if (status === undefined) return `container ${name} ended`;
      return status.reason === "OOMKilled"
        ? `container ${name} was killed: it had no memory left (exit ${status.exitCode})`
        : `container ${name} ended with ${status.exitCode}`;
    }),
  );
}

function imageLines(before: Seen, now: Seen): readonly string[] {
  const lines: string[] = [];
  for (const [id, image] of now.images) {
    const known = before.images.get(id);
    if (known === undefined) lines.push(`image ${nameOf(image)} is new`);
    else lines.push(...tagLines(known, image));
  }
  for (const [id, image] of before.images) {
    if (!now.images.has(id)) lines.push(`image ${nameOf(image)} is gone`);
  }
  return lines;
}

function tagLines(before: Image, now: Image): readonly string[] {
  const added = now.repoTags.filter((tag) => !before.repoTags.includes(tag));
  const removed = before.repoTags.filter((tag) => !now.repoTags.includes(tag));
  const id = shortId(now.id);
  return [
    ...added.map((tag) => `image ${id} is ${tag} now`),
    ...removed.map((tag) => `image ${id} is ${tag} no more`),
  ];
}

function pathOf(container: Container): string {
  const name = container.metadata?.name ?? shortId(container.id);
  const labels = podOf(container, []);
  return labels.uid === undefined ? name : `${labels.namespace}/${labels.name}/${name}`;
}

function nameOf(image: Image): string {
  return image.repoTags[0] ?? image.repoDigests[0] ?? shortId(image.id);
}

function dim(line: string, isColored: boolean): string {
  const at = new Date().toTimeString().slice(0, 8);
  const text = `${at} ${escapeControl(line)}`;
  return isColored ? `\x1b[2m${text}\x1b[22m` : text;
}

function within(session: Session, signal: AbortSignal): Session {
  return { ...session, signal: AbortSignal.any([session.signal, signal]) };
}
