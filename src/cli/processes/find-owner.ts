/**
 * From a process of this node to the container or the pod that it belongs to. Its cgroup tells:
 * what is started in a container stays there, whoever its parent is. A process that was moved out of
 * it is found through its parents, and a shim by the ID that it was started with.
 */
import { basename } from "node:path";
import { readIfPresent } from "../../host/read-if-present.ts";

/** IDs that the runtime knows. */
export interface KnownIds {
  readonly containers: ReadonlySet<string>;
  readonly pods: ReadonlySet<string>;
}

export interface Owner {
  readonly kind: "container" | "pod";
  readonly id: string;
  /** It is not in there, but what holds it. */
  readonly isShim: boolean;
}

/** Undefined where none of the known ones owns it, or where the process is not there. */
export function findOwner(pid: number, known: KnownIds, proc = "/proc"): Owner | undefined {
  for (let each = pid, depth = 0; each > 1 && depth < MAX_DEPTH; depth++) {
    // A shim may be in the cgroup of its pod: what it holds is told by its words.
    const shim = ownerOfShim(`${proc}/${each}`, known);
    if (shim !== undefined) return { ...shim, isShim: true };
    const owner = ownerByCgroup(readIfPresent(`${proc}/${each}/cgroup`) ?? "", known);
    if (owner !== undefined) return owner;
    each = parentOf(readIfPresent(`${proc}/${each}/stat`) ?? "");
  }
  return undefined;
}

/** More than any chain of parents is long: /proc is not one moment, and could lead in a circle. */
const MAX_DEPTH = 256;
const ID = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

/** The innermost known ID in any hierarchy's path; a container before a pod. */
function ownerByCgroup(text: string, known: KnownIds): Owner | undefined {
  const ids = (text.match(ID) ?? []).reverse();
  return ownerAmong(ids, known);
}

function ownerAmong(ids: readonly string[], known: KnownIds): Owner | undefined {
  const container = ids.find((id) => known.containers.has(id));
  if (container !== undefined) return { kind: "container", id: container, isShim: false };
  const pod = ids.find((id) => known.pods.has(id));
  return pod === undefined ? undefined : { kind: "pod", id: pod, isShim: false };
}

const SHIMS = /^(containerd-shim.*|conmon|conmonrs)$/;

function ownerOfShim(directory: string, known: KnownIds): Owner | undefined {
  const words = (readIfPresent(`${directory}/cmdline`) ?? "").split("\0");
  if (!SHIMS.test(basename(words[0] ?? ""))) return undefined;
  return ownerAmong(
    words.filter((word) => word.length === 64),
    known,
  );
}

/** Field 4 of proc_pid_stat(5). The name in field 2 may hold spaces and parentheses. */
function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}
