import type { TestContainerd } from "./containerd.ts";

/** What containerd keeps for images, as `ctr` tells. */
export interface ContainerdState {
  readonly images: readonly string[];
  readonly content: readonly string[];
  readonly snapshots: readonly string[];
  /** Also what has no end yet: leases and blobs that are being written. */
  readonly leases: readonly string[];
  readonly ingests: readonly string[];
}

export async function containerdState({ ctr }: TestContainerd): Promise<ContainerdState> {
  const [images, content, snapshots, leases, ingests] = await Promise.all([
    ctr("images", "ls", "-q"),
    ctr("content", "ls", "-q"),
    ctr("snapshots", "ls"),
    ctr("leases", "ls", "-q"),
    ctr("content", "active"),
  ]);
  return {
    images: lines(images),
    content: lines(content),
    snapshots: firstWords(snapshots),
    leases: lines(leases),
    ingests: firstWords(ingests),
  };
}

function lines(text: string): string[] {
  return text.split("\n").filter(Boolean).sort();
}

/** Of each line below the heading. */
function firstWords(text: string): string[] {
  return lines(text.slice(text.indexOf("\n") + 1)).map((line) => line.split(/\s/)[0] ?? "");
}
