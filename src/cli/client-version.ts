import { CRISH_COMMIT, CRISH_TARGET, CRISH_VERSION } from "./version.ts";

export interface ClientVersion {
  readonly version: string;
  /** The commit it was built from, "-dirty" behind it where files differed, or "unknown". */
  readonly commit: string;
  /** What runs it, with its version: "Bun 1.4.5", "Node 26.10.0". */
  readonly runtime: string;
  /** System and architecture, and "-musl" where it was built for that libc. */
  readonly target: string;
}

/** All that this program knows of itself, without asking anyone. */
export function clientVersion(): ClientVersion {
  const { bun, node } = process.versions;
  return {
    version: CRISH_VERSION,
    commit: CRISH_COMMIT ?? "unknown",
    runtime: bun === undefined ? `Node ${node}` : `Bun ${bun}`,
    target: CRISH_TARGET ?? `${process.platform}-${process.arch}`,
  };
}
