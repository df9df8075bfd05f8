import { homedir } from "node:os";
import { join } from "node:path";
import { HistoryFile, LONGEST_ENTRY } from "./history-file.ts";
import { bearsSecret } from "./secret-line.ts";

/** The lines of this and of other sessions. A file that cannot be used costs the memory only. */
export interface History {
  /** This session's own lines, then all others; the newest first, no line twice. */
  readonly lines: readonly string[];
  /** Remembers a line; resolves when it is on disk. Never rejects. */
  add(line: string): Promise<void>;
  /** Looks whether other sessions have added lines since; at most one short read. */
  refresh(): void;
}

const KEPT_LINES = 1000;
/** The file is cut when it has grown to this many lines. */
const CUT_AT_LINES = 2 * KEPT_LINES;

/** `$XDG_STATE_HOME/crish/history`, by default below ~/.local/state. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string {
  const home = env.HOME || homedir();
  const base = env.XDG_STATE_HOME || join(home, ".local", "state");
  return join(base, "crish", "history");
}

export async function openHistory(path: string): Promise<History> {
  const file = new HistoryFile(path);
  const stored = await loadTidied(file);
  let own: readonly string[] = [];
  let others: readonly string[] = [...stored].reverse();
  let lines = merge(own, others);
  return {
    get lines() {
      return lines;
    },
    async add(line) {
      const text = line.trim();
      if (text === "" || text.length > LONGEST_ENTRY) return;
      if (/^\s/.test(line) || bearsSecret(text)) return;
      const isRepeat = own[0] === text;
      own = [text, ...own.filter((known) => known !== text)].slice(0, KEPT_LINES);
      lines = merge(own, others);
      // A full disk or a read-only home must not keep anybody from working.
      if (!isRepeat) await file.append(text).catch(() => {});
    },
    refresh() {
      const changed = file.readChanged();
      if (changed === undefined) return;
      others = changed.reverse();
      lines = merge(own, others);
    },
  };
}

async function loadTidied(file: HistoryFile): Promise<readonly string[]> {
  try {
    await file.protect();
  } catch {
    // It is not there yet, or not ours.
  }
  const stored = file.readChanged() ?? [];
  try {
    if (stored.length < CUT_AT_LINES && !(await file.hasLeftOvers())) return stored;
    await file.cut(KEPT_LINES);
  } catch {
    // What could not be cut is cut the next time.
  }
  return file.readChanged() ?? stored;
}

function merge(own: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...own, ...others])].slice(0, KEPT_LINES);
}
