import { callOptions } from "../../cli/call-options.ts";
import type { Context, Session } from "../../cli/context.ts";
import { openContext } from "../../cli/create-context.ts";
import { podOf } from "../../cli/pod-facts.ts";
import { type Container, ContainerState, type Image } from "../../cri/gen/runtime/v1/api.ts";
import { sleep } from "../../host/sleep.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { shortId } from "../../output/short-id.ts";
import type { Shell } from "../shell.ts";
import type { EndedContainer } from "./follow-ends.ts";

/**
 * Tells, while a line is typed, what else happens on the node: containers that end, and images that
 * come and go. It compares lists, which every runtime has and which alone know of images. Beside them
 * it listens to events where listening takes them from nobody: so it knows what was there too shortly
 * for a list, and knows it at once.
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
  readonly containers: ReadonlyMap<string, Container>;
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
  /** Containers whose end an event has told already. */
  let told = new Set<string>();
  /** Whether the shell's user wants to be told: `set events off` is the variable of that name. */
  const isWanted = () => shell.variables.get("events") !== "off";

  const show = async (lines: readonly string[], signal: AbortSignal): Promise<void> => {
    if (signal.aborted || lines.length === 0) return;
    const more = lines.length - MOST_LINES;
    const shown = more > 0 ? [...lines.slice(0, MOST_LINES), `and ${more} more changes`] : lines;
    await print(shown.map((line) => dim(line, shell.session.stdout.color)).join("\n"));
  };

  const look = async (signal: AbortSignal): Promise<void> => {
    const startedAt = performance.now();
    const runtime = shell.runtime?.line;
    if (runtime === undefined) return;
    const context = await openContext(within(shell.session, signal));
    const now = await lookAround(context, runtime);
    pauseMs = Math.max(lookMs, (performance.now() - startedAt) * SHARE);
    const before = seen;
    const tells = next;
    const ended = before === undefined ? [] : endedBetween(before, now, tells.ends);
    const news = ended.filter(({ id }) => !told.has(id));
    told = new Set([...told].filter((id) => now.containers.has(id)));
    seen = now;
    next = EVERYTHING;
    if (before?.runtime !== runtime) return;
    const lines = [
      ...(await endLines(context, news)),
      ...(tells.images ? imageLines(before, now) : []),
    ];
    await show(lines, signal);
  };

  const listen = async (signal: AbortSignal): Promise<void> => {
    const context = await openContext(within(shell.session, signal));
    const { followEnds } = await import("./follow-ends.ts");
    for await (const ended of followEnds(context)) {
      const news = ended.flatMap((container) => {
        const listed = seen?.containers.get(container.id);
        const isTold = listed?.state === ContainerState.CONTAINER_EXITED || told.has(container.id);
        const known = container.metadata === undefined ? listed : container;
        return isTold || known === undefined ? [] : [known];
      });
      for (const { id } of news) told.add(id);
      await show(await endLines(context, news), signal);
    }
  };

  return {
    whileIdle() {
      const ending = new AbortController();
      const { signal } = ending;
      void (async () => {
        let isListening = false;
        while (!signal.aborted) {
          // A runtime that does not answer is told of where a command needs it.
          if (isWanted()) {
            await look(signal).catch(() => {});
            // What happened before that look is known from it.
            if (!isListening && seen !== undefined && shell.runtime?.sharesEvents === true) {
              isListening = true;
              // Without events the looks are all there is.
              void listen(signal).catch(() => {});
            }
          } else seen = undefined;
          await sleep(pauseMs, { signal }).catch(() => {});
        }
      })();
      return () => ending.abort();
    },
    afterLine({ hasDestroyed }) {
      const ends = hasDestroyed || next.ends === "none" ? "none" : "of those that ran";
      next = { ends, images: false };
    },
  };
}

interface TellsWhat {
  /** A container that is new and has ended already may be the line's own. */
  readonly ends: "all" | "of those that ran" | "none";
  readonly images: boolean;
}

const EVERYTHING: TellsWhat = { ends: "all", images: true };

async function lookAround(context: Context, runtime: string): Promise<Seen> {
  const backend = await context.backend();
  const [{ containers }, { images }] = await Promise.all([
    backend.runtime.listContainers({ filter: undefined }, callOptions(context)),
    backend.images.listImages({ filter: undefined }, callOptions(context)),
  ]);
  return {
    runtime,
    containers: new Map(containers.map((container) => [container.id, container])),
    images: new Map(images.map((image) => [image.id, image])),
  };
}

/** Containers that have ended since; one that is gone altogether was removed by somebody. */
function endedBetween(
  before: Seen,
  now: Seen,
  which: TellsWhat["ends"],
): readonly EndedContainer[] {
  if (which === "none") return [];
  return [...now.containers.values()].filter(({ id, state }) => {
    if (state !== ContainerState.CONTAINER_EXITED) return false;
    const was = before.containers.get(id)?.state;
    if (was === ContainerState.CONTAINER_RUNNING) return true;
    return which === "all" && (was === undefined || was === ContainerState.CONTAINER_CREATED);
  });
}

/** How each of them ended. */
async function endLines(
  context: Context,
  ended: readonly EndedContainer[],
): Promise<readonly string[]> {
  const { runtime } = await context.backend();
  return await Promise.all(
    ended.map(async (container, index) => {
      const name = pathOf(container);
      if (index >= MOST_LINES) return `container ${name} ended`;
      const { status = container.status } = await runtime
        .containerStatus({ containerId: container.id, verbose: false }, callOptions(context))
        // It was removed meanwhile.
        .catch(() => ({ status: container.status }));
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

function pathOf({ id, metadata, labels }: EndedContainer): string {
  const name = metadata?.name ?? shortId(id);
  const pod = podOf({ labels, podSandboxId: "" }, []);
  return pod.uid === undefined ? name : `${pod.namespace}/${pod.name}/${name}`;
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
