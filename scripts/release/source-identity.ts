import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execute } from "./execute.ts";

/** Which sources these are. */
export interface SourceIdentity {
  readonly version: string;
  /** The commit in full, with "-dirty" behind it where files differ from it; "unknown" without git. */
  readonly commit: string;
  /** The commit's time in seconds: every date in a release is this one. */
  readonly time: number;
}

/**
 * Asks git; else reads what `git archive` wrote into archived-commit.txt. $SOURCE_DATE_EPOCH, where
 * set, is the time.
 */
export function sourceIdentity(root: string): SourceIdentity {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  const { commit, time } = fromGit(root) ?? fromArchive(root) ?? { commit: "unknown", time: 0 };
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return { version, commit, time: epoch === undefined || epoch === "" ? time : Number(epoch) };
}

function fromGit(root: string): Omit<SourceIdentity, "version"> | undefined {
  try {
    // The checkout may belong to another user than the one who builds.
    const git = (...args: string[]) =>
      execute("git", ["-c", "safe.directory=*", "-C", root, ...args])
        .toString()
        .trim();
    if (git("rev-parse", "--show-prefix") !== "") return undefined;
    const [commit = "", time = "0"] = git("log", "-1", "--format=%H %ct").split(" ");
    const isDirty = git("status", "--porcelain") !== "";
    return { commit: isDirty ? `${commit}-dirty` : commit, time: Number(time) };
  } catch {
    return undefined;
  }
}

function fromArchive(root: string): Omit<SourceIdentity, "version"> | undefined {
  const text = readFileSync(join(root, "scripts/release/archived-commit.txt"), "utf8").trim();
  const [commit = "", time = ""] = text.split(" ");
  return /^[0-9a-f]{40,}$/.test(commit) ? { commit, time: Number(time) } : undefined;
}
