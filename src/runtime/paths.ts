import { join } from "node:path";

/**
 * Every directory of the embedded runtime. `root` (CRISH_ROOT, default /var/lib/crish) lasts;
 * `state` (CRISH_STATE, default /run/crish) is gone after a reboot. Two roots share nothing.
 */
export interface RuntimePaths {
  readonly root: string;
  readonly state: string;
  readonly database: string;
  /** Blobs by digest: `blobs/sha256/<hex>`; `ingest/` holds unfinished ones. */
  readonly content: string;
  /** One directory per snapshot: `<number>/fs` and, while active, `<number>/work`. */
  readonly snapshots: string;
  /** conmon's second copy of exit files and the oom marks, one directory per container. */
  readonly persist: string;
  /** Default place of container logs where a pod names none. */
  readonly logs: string;
  /** host-local's address reservations. */
  readonly addresses: string;
  /** One directory per pod in state: `ns/`, hosts, resolv.conf, hostname, shm. */
  readonly sandboxes: string;
  /** One directory per container in state: bundle, rootfs, sockets, pid files. */
  readonly containers: string;
  /** conmon's exit files, one per container. */
  readonly exits: string;
  /** runc's own --root. */
  readonly runc: string;
}

export function runtimePaths(root: string, state: string): RuntimePaths {
  return {
    root,
    state,
    database: join(root, "crish.db"),
    content: join(root, "content"),
    snapshots: join(root, "snapshots"),
    persist: join(root, "persist"),
    logs: join(root, "logs"),
    addresses: join(root, "addresses"),
    sandboxes: join(state, "sandboxes"),
    containers: join(state, "containers"),
    exits: join(state, "exits"),
    runc: join(state, "runc"),
  };
}
