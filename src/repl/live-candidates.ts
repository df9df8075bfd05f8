import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import type { CriBackend } from "../cri/backend.ts";
import { createMessage } from "../cri/create-message.ts";
import {
  ListContainersRequest,
  ListImagesRequest,
  ListPodSandboxRequest,
  StatusRequest,
} from "../cri/gen/runtime/v1/api.ts";
import type { Candidates } from "./complete-line.ts";

export interface LiveCandidatesOptions {
  backend(): Promise<CriBackend>;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

type ListKind = "container" | "pod" | "image" | "handler";

interface CachedList {
  values: readonly string[];
  /** When the values were fetched, by performance.now(). */
  fetchedAt: number;
  fetching: Promise<void> | undefined;
}

/** What typing may wait for the backend: beyond it, what was known before is offered. */
const PATIENCE_MS = 80;
const FRESH_MS = 2000;
const CALL_TIMEOUT_MS = 5000;
/** As many digits of an ID as lists show. */
const SHORT_ID = 13;

/**
 * IDs, names and image references as the backend has them now. A list is fetched in the background
 * and kept for two seconds; nobody who types waits longer than 80 ms for it.
 */
export function createLiveCandidates(options: LiveCandidatesOptions): Candidates {
  const lists = new Map<ListKind, CachedList>();
  const current = async (kind: ListKind): Promise<readonly string[]> => {
    const list: CachedList = lists.get(kind) ?? {
      values: [],
      fetchedAt: Number.NEGATIVE_INFINITY,
      fetching: undefined,
    };
    lists.set(kind, list);
    if (performance.now() - list.fetchedAt > FRESH_MS) {
      list.fetching ??= refresh(list, kind, options);
      await atMost(list.fetching, PATIENCE_MS);
    }
    return list.values;
  };
  return async (kind, prefix) => {
    if (typeof kind === "object") return kind.values;
    if (kind === "none" || kind === "verb" || kind === "container-path" || kind === "endpoint") {
      return [];
    }
    if (kind === "file") return await filesFor(prefix, options.cwd);
    return withShortIds(await current(kind), prefix);
  };
}

async function refresh(
  list: CachedList,
  kind: ListKind,
  options: LiveCandidatesOptions,
): Promise<void> {
  try {
    list.values = await fetchList(kind, options);
    list.fetchedAt = performance.now();
  } catch {
    // Without an answer there is nothing to offer; the command itself will say what is wrong.
  } finally {
    list.fetching = undefined;
  }
}

async function fetchList(kind: ListKind, options: LiveCandidatesOptions): Promise<string[]> {
  const backend = await options.backend();
  const call = { signal: options.signal, timeoutMs: CALL_TIMEOUT_MS };
  if (kind === "container") {
    const request = createMessage(ListContainersRequest, {});
    const { containers } = await backend.runtime.listContainers(request, call);
    return containers.flatMap(({ metadata, id }) => [metadata?.name ?? "", id]);
  }
  if (kind === "pod") {
    const { items } = await backend.runtime.listPodSandbox(
      createMessage(ListPodSandboxRequest, {}),
      call,
    );
    return items.flatMap(({ metadata, id }) => [metadata?.name ?? "", id]);
  }
  if (kind === "image") {
    const { images } = await backend.images.listImages(createMessage(ListImagesRequest, {}), call);
    return images.flatMap(({ repoTags, id }) => [...repoTags, id.replace(/^sha256:/, "")]);
  }
  const { runtimeHandlers } = await backend.runtime.status(createMessage(StatusRequest, {}), call);
  return runtimeHandlers.map((handler) => handler.name);
}

/** IDs are offered short, unless more of one is typed already; control characters never. */
function withShortIds(values: readonly string[], prefix: string): string[] {
  return values
    .filter((value) => value !== "" && !/\p{Cc}/u.test(value))
    .map((value) =>
      /^[0-9a-f]{64}$/.test(value) && prefix.length < SHORT_ID ? value.slice(0, SHORT_ID) : value,
    );
}

async function filesFor(prefix: string, cwd: string): Promise<string[]> {
  const slash = prefix.lastIndexOf("/") + 1;
  const typed = prefix.slice(0, slash);
  const directory = typed.startsWith("~/") ? homedir() + typed.slice(1) : resolve(cwd, typed);
  try {
    const entries = await readdir(directory || dirname(cwd), { withFileTypes: true });
    const wantsHidden = prefix.slice(slash).startsWith(".");
    return entries
      .filter((entry) => wantsHidden || !entry.name.startsWith("."))
      .map((entry) => typed + entry.name + (entry.isDirectory() ? "/" : ""));
  } catch {
    return [];
  }
}

/** Waits for the promise, but no longer; it goes on in the background. */
async function atMost(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, limit]);
  clearTimeout(timer);
}
