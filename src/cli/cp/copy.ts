import { ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import { formatSize } from "../../output/format-size.ts";
import type { Context } from "../context.ts";
import { requireRunning } from "../processes/require-running.ts";
import { type Progress, startProgress } from "../progress.ts";
import { resolveContainer } from "../resolve-objects.ts";
import type { ContainerSide } from "./container-side.ts";
import { copyFailure } from "./copy-failure.ts";
import { extractStream } from "./extract-stream.ts";
import { openHostDestination, openHostSource } from "./host-side.ts";
import { createLosses } from "./losses.ts";
import { type Place, splitSource } from "./parse-place.ts";
import { openThroughProc } from "./through-proc.ts";
import { openThroughTar } from "./through-tar.ts";

export interface CopyOptions {
  readonly keepOwners: boolean;
  readonly follow: boolean;
  readonly showsProgress: boolean;
  /** The only way that may be gone; undefined for the better one that there is. */
  readonly via: "proc" | "tar" | undefined;
}

type ContainerPlace = Extract<Place, { readonly kind: "container" }>;

/** Copies from one place to the other, of which one is in a container. Throws InvalidArgument for others. */
export async function copy(
  context: Context,
  source: Place,
  destination: Place,
  options: CopyOptions,
): Promise<void> {
  const isOut = source.kind === "container";
  if (isOut === (destination.kind === "container")) {
    throw new StatusError(
      "InvalidArgument",
      isOut ? "cp does not copy between containers" : "neither place is in a container",
      { hint: isOut ? "crish cp FROM - | crish cp - TO" : "write it as CONTAINER:PATH" },
    );
  }
  const place = isOut ? source : (destination as ContainerPlace);
  refuseTerminal(context, source, destination);
  const side = await openSide(context, place, options.via);
  const meter = startMeter(context, options);
  try {
    if (isOut) await copyOut(context, side, source, { destination, options, meter });
    else await copyIn(context, side, source, { destination: place, options, meter });
  } finally {
    side.close();
    await meter.done();
  }
}

function refuseTerminal({ stdin, stdout }: Context, source: Place, destination: Place): void {
  const isTerminal =
    (source.kind === "stream" && stdin.isTty) || (destination.kind === "stream" && stdout.isTty);
  if (!isTerminal) return;
  throw new StatusError("InvalidArgument", "- is an archive, and this is a terminal", {
    hint: "put a pipe or a file there",
  });
}

/** Throws FailedPrecondition where its files cannot be reached, or not the way that is asked for. */
async function openSide(
  context: Context,
  { container: reference }: ContainerPlace,
  via: CopyOptions["via"],
): Promise<ContainerSide> {
  const container = await resolveContainer(context, reference);
  if (via === "tar") requireRunning(container, reference, "its tar runs only while it runs itself");
  else if (container.state !== ContainerState.CONTAINER_RUNNING) {
    const { openThroughMount } = await import("./through-mount.ts");
    return await openThroughMount(context, container, reference);
  } else {
    const side = await openThroughProc(context, container, reference);
    if (side !== undefined) return side;
    if (via === "proc") {
      throw new StatusError(
        "FailedPrecondition",
        `the files of container "${reference}" are not to be seen in /proc`,
        { hint: "that takes root, on the node of the container" },
      );
    }
  }
  return openThroughTar(context, container.id, reference);
}

interface OutOptions {
  readonly destination: Place;
  readonly options: CopyOptions;
  readonly meter: Meter;
}

async function copyOut(
  context: Context,
  side: ContainerSide,
  source: ContainerPlace,
  { destination, options, meter }: OutOptions,
): Promise<void> {
  const word = `${source.container}:${source.path}`;
  const { name } = splitSource(source.path);
  const losses = createLosses(context.stderr, {
    word,
    isSource: (entry) => entry.replace(/^\.\//, "") === name,
  });
  const { onSkip, onShrink } = losses;
  const reading = { follow: options.follow, onSkip, onShrink };
  const archive = meter.count(telling(side.read(source.path, reading), "read", word));
  if (destination.kind !== "host") {
    for await (const chunk of archive) {
      throwIfAborted(context.signal);
      await context.stdout.write(chunk);
    }
    return losses.throwIfAny();
  }
  try {
    await extractStream(archive, {
      sourceName: name,
      keepsSpecialBits: options.keepOwners,
      owner: (entry) => (options.keepOwners ? entry : undefined),
      signal: context.signal,
      onSkip,
      choose: (isDirectory) =>
        openHostDestination(destination.path, context.cwd, { name, isDirectory }),
    });
  } catch (error) {
    throw copyFailure(error, "write", destination.path);
  }
  losses.throwIfAny();
}

async function copyIn(
  context: Context,
  side: ContainerSide,
  source: Place,
  { destination, options, meter }: OutOptions & { readonly destination: ContainerPlace },
): Promise<void> {
  const { keepOwners, follow } = options;
  const { cwd, signal } = context;
  const path = source.kind === "host" ? source.path : "-";
  const losses = createLosses(context.stderr, {
    word: path,
    // Names below a directory have a slash, those of its content alone too.
    isSource: (entry) => source.kind === "host" && !entry.includes("/"),
  });
  const { onSkip, onShrink } = losses;
  const writing = { keepOwners, signal, onSkip };
  const word = `${destination.container}:${destination.path}`;
  if (source.kind !== "host") {
    const archive = meter.count(context.stdin.stream() as AsyncIterable<Buffer>);
    await writeTelling(word, () => side.extract(destination.path, archive, writing));
    return;
  }
  let opened: ReturnType<typeof openHostSource>;
  try {
    opened = openHostSource(source.path, { cwd, follow, asRoot: !keepOwners, onSkip, onShrink });
  } catch (error) {
    throw copyFailure(error, "read", source.path);
  }
  try {
    const counted = {
      ...opened,
      archive: (name: string) => meter.count(telling(opened.archive(name), "read", source.path)),
    };
    await writeTelling(word, () => side.write(destination.path, counted, writing));
  } finally {
    opened.close();
  }
  losses.throwIfAny();
}

/** Failures of the system say what could not be read. */
async function* telling(
  archive: AsyncIterable<Buffer>,
  what: "read",
  word: string,
): AsyncGenerator<Buffer> {
  try {
    yield* archive;
  } catch (error) {
    throw copyFailure(error, what, word);
  }
}

async function writeTelling(word: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw copyFailure(error, "write", word);
  }
}

interface Meter {
  count(archive: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  done(): Promise<void>;
}

/** Copies that are done sooner show nothing. */
const SHOW_AFTER_MS = 500;

function startMeter({ stderr }: Context, { showsProgress }: CopyOptions): Meter {
  let doneBytes = 0;
  let progress: Progress | undefined;
  const timer = setTimeout(() => {
    if (showsProgress) progress = startProgress(stderr, "copying", () => formatSize(doneBytes));
  }, SHOW_AFTER_MS);
  return {
    async *count(archive) {
      for await (const chunk of archive) {
        doneBytes += chunk.length;
        yield chunk;
      }
    },
    async done() {
      clearTimeout(timer);
      await progress?.done();
    },
  };
}
