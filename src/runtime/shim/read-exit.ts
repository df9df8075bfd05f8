import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ShimFiles } from "./shim-files.ts";

export interface ShimExit {
  /** 0 to 255; 128+n when signal n killed it. */
  readonly exitCode: number;
  readonly finishedAtNs: bigint;
  readonly oomKilled: boolean;
}

/** How the container ended, as its shim wrote it down; undefined while it has not. */
export function readExit(files: ShimFiles): ShimExit | undefined {
  const { persistDirectory: persist } = files;
  for (const file of [files.exitFile, ...(persist ? [join(persist, "exit")] : [])]) {
    if (!existsSync(file)) continue;
    try {
      const exitCode = Number(readFileSync(file, "latin1"));
      const { mtimeNs } = statSync(file, { bigint: true });
      return { exitCode, finishedAtNs: mtimeNs, oomKilled: hasOomMark(files) };
    } catch {
      // Not there, or not yet.
    }
  }
  return undefined;
}

function hasOomMark(files: ShimFiles): boolean {
  const places = [files.bundle, files.persistDirectory].filter((place) => place !== undefined);
  return places.some((place) => existsSync(join(place, "oom")));
}
