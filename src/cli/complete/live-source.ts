import { needSandboxes } from "../pod-facts.ts";
import { createCachedFetch } from "./cached-fetch.ts";
import type { Candidate, CandidateSource, WantedValue } from "./candidate.ts";
import { containerPaths, containerPrograms, directoryLister } from "./container-paths.ts";
import {
  imageCandidates,
  type NamedObject,
  namedContainers,
  namedPods,
  objectCandidates,
} from "./object-candidates.ts";
import type { ObjectLists } from "./object-lists.ts";
import { registryCandidates } from "./registry-candidates.ts";
import { contextNameCandidates, endpointCandidates } from "./runtime-names.ts";

export interface LiveSourceOptions {
  readonly lists: ObjectLists;
  /** Says where crish's own configuration lies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What typing may wait: beyond it, what was known before is offered. */
  readonly patienceMs: number;
  /** Files of the host, or nothing where a shell completes them itself. */
  files(wanted: WantedValue): Promise<readonly Candidate[]>;
}

const FRESH_MS = 2000;
/** As many digits tell an ID from a command. */
const CERTAIN_ID = 12;
/** A path of this host, as cp reads it. */
const HOST_PATH = /^[./~]/;

/** IDs, names, references, handlers and paths as the backend has them now. */
export function createLiveSource(options: LiveSourceOptions): CandidateSource {
  const { lists, env, patienceMs, files } = options;
  const cache = createCachedFetch({ patienceMs, freshMs: FRESH_MS });
  const containers = async () => (await cache.get("containers", () => allContainers(lists))) ?? [];
  const pathsIn = async (wanted: WantedValue): Promise<readonly Candidate[]> => {
    const { prefix, container = "", contextContainer, contextPod } = wanted;
    const directory = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const isProgram = wanted.isProgram === true && directory === "";
    const key = JSON.stringify([isProgram, container, contextContainer, contextPod, directory]);
    const found = await cache.get(key, async () => {
      const all = await cache.get("containers", () => allContainers(lists));
      if (all === undefined) throw new Error("the containers are not known yet");
      const inContext = contextContainer ?? onlyRunning(all, contextPod);
      const id = containerMeant(container, all, inContext);
      if (id === undefined) return [];
      const list = await directoryLister(lists, id);
      // Fetched without the beginning of the name, so that one answer serves all that follows.
      return isProgram ? await containerPrograms(list) : await containerPaths(directory, list);
    });
    return offered(found ?? [], prefix.slice(directory.length), directory);
  };
  const containerFiles = async (wanted: WantedValue): Promise<readonly Candidate[]> => {
    const { prefix } = wanted;
    if (HOST_PATH.test(prefix)) return await files(wanted);
    const colon = prefix.indexOf(":");
    if (colon === -1) {
      const found = objectCandidates(await containers(), { ...wanted, states: ["running"] });
      // A word may begin both; what is copied says where to.
      const isOut = wanted.before?.includes(":") === true && !HOST_PATH.test(wanted.before);
      const isIn = wanted.before !== undefined && !isOut;
      return [
        ...(isOut ? [] : found.map(withColon)),
        ...(isIn && found.length > 0 ? [] : await files(wanted)),
      ];
    }
    const container = prefix.slice(0, colon);
    const path = { kind: "container-path", prefix: prefix.slice(colon + 1), given: [] } as const;
    const paths = await pathsIn({ ...path, container });
    return paths.map((each) => ({ ...each, text: `${container}:${each.text}` }));
  };
  return async (wanted) => {
    switch (wanted.kind) {
      case "container":
        return objectCandidates(await containers(), wanted);
      case "pod": {
        const pods = await cache.get("pods", async () => namedPods(await lists.pods()));
        return objectCandidates(pods ?? [], wanted);
      }
      case "context": {
        const pods = await cache.get("pods", async () => namedPods(await lists.pods()));
        if (!wanted.prefix.includes("/")) return objectCandidates(pods ?? [], wanted);
        return [...objectCandidates(pods ?? [], wanted), ...contextPaths(await containers())];
      }
      case "image":
        // No reference begins so: `run ./container.yaml`.
        if (/^[./~]/.test(wanted.prefix)) return await files(wanted);
        return imageCandidates((await cache.get("images", () => lists.images())) ?? [], wanted);
      case "handler": {
        const handlers = (await cache.get("handlers", () => lists.handlers())) ?? [];
        return handlers.filter((text) => text !== "").map((text) => ({ text }));
      }
      case "container-path":
        return await pathsIn(wanted);
      case "container-file":
        return await containerFiles(wanted);
      case "file":
        return await files(wanted);
      case "endpoint":
        return await endpointCandidates(wanted.prefix);
      case "runtime-context":
        return await contextNameCandidates(env);
      case "registry":
        return await registryCandidates(env);
      case "runtime":
        return [
          ...(await contextNameCandidates(env)),
          ...(await endpointCandidates(wanted.prefix)),
        ];
      default:
        return typeof wanted.kind === "object" ? wanted.kind.values.map((text) => ({ text })) : [];
    }
  };
}

async function allContainers(lists: ObjectLists): Promise<readonly NamedObject[]> {
  const containers = await lists.containers();
  const pods = needSandboxes(containers) ? await lists.pods() : [];
  return namedContainers(containers, pods);
}

/** `web:`, behind which a path follows; `default/` goes on as it is. */
function withColon(candidate: Candidate): Candidate {
  if (candidate.isPartial === true) return candidate;
  return { ...candidate, text: `${candidate.text}:`, isPartial: true };
}

/** `web/nginx` and `default/web/nginx`. */
function contextPaths(containers: readonly NamedObject[]): readonly Candidate[] {
  return containers.flatMap(({ path, state }) =>
    [path.slice(path.indexOf("/") + 1), path].map((text) => ({ text, note: state })),
  );
}

/** The ID of the only container of the pod that runs. */
function onlyRunning(all: readonly NamedObject[], pod: string | undefined): string | undefined {
  const running = all.filter(
    ({ path, state }) => state === "running" && path.slice(0, path.lastIndexOf("/")) === pod,
  );
  return running.length === 1 ? running[0]?.id : undefined;
}

/** The ID of the container that the word means; the newest of several, one that runs before others. */
function containerMeant(
  word: string,
  all: readonly NamedObject[],
  inContext: string | undefined,
): string | undefined {
  if (word === "") return inContext;
  const isExact = ({ id, name, path }: NamedObject) =>
    id === word || name === word || path === word;
  const exact = all.filter(isExact);
  // In a context a short word is a command: `dd` is no ID.
  const isId = inContext === undefined || word.length >= CERTAIN_ID;
  const byId = isId ? all.filter(({ id }) => id.startsWith(word)) : [];
  const meant = exact.length > 0 ? exact : byId;
  return (meant.find(({ state }) => state === "running") ?? meant[0])?.id ?? inContext;
}

/** Hidden files only where a dot was typed. */
function offered(
  found: readonly Candidate[],
  beginning: string,
  directory: string,
): readonly Candidate[] {
  return found.filter(({ text }) => {
    const name = text.slice(directory.length);
    return name.startsWith(beginning) && (beginning !== "" || !name.startsWith("."));
  });
}
