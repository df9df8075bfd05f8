import { appendFile, chmod, mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { writeFileAtomic } from "../host/atomic-file.ts";

/** The lines of this and of earlier sessions. A file that cannot be used costs the memory only. */
export interface History {
  /** Newest first, no line twice. */
  readonly lines: readonly string[];
  /** Remembers a line; resolves when it is on disk. Never rejects. */
  add(line: string): Promise<void>;
  /** Looks whether other sessions have added lines since; at most one short read. */
  refresh(): void;
}

const KEPT_LINES = 1000;
/** The file is cut when it has grown to this many lines. */
const CUT_AT_LINES = 2 * KEPT_LINES;
const SECRET_FLAG = /(^|\s)--?(creds|auth|password|identity-token|registry-token)\b/;

/** `$XDG_STATE_HOME/crish/history`, by default below ~/.local/state. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string {
  const home = env.HOME || homedir();
  const base = env.XDG_STATE_HOME || join(home, ".local", "state");
  return join(base, "crish", "history");
}

export async function openHistory(path: string): Promise<History> {
  const stored = await loadLines(path);
  let lines = newestFirst(stored);
  return {
    get lines() {
      return lines;
    },
    async add(line) {
      const text = line.trim();
      if (!isWorthKeeping(line)) return;
      const isRepeat = lines[0] === text;
      lines = [text, ...lines.filter((known) => known !== text)].slice(0, KEPT_LINES);
      if (!isRepeat) await appendLine(path, text);
    },
    refresh() {},
  };
}

/** Lines that bear a secret, several lines at once, and those that begin with a blank stay out. */
function isWorthKeeping(line: string): boolean {
  if (/^\s/.test(line) || line.trim() === "" || line.includes("\n")) return false;
  return !SECRET_FLAG.test(line);
}

async function loadLines(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
    // A file made by hand or restored from a backup may be open to all.
    await chmod(path, 0o600);
    if (lines.length < CUT_AT_LINES) return lines;
    const kept = lines.slice(-KEPT_LINES);
    await writeFileAtomic(path, `${kept.join("\n")}\n`, { mode: 0o600 });
    return kept;
  } catch {
    return [];
  }
}

/** One write per line, so that sessions that run at once lose nothing of each other's. */
async function appendLine(path: string, line: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await appendFile(path, `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk or a read-only home must not keep anybody from working.
  }
}

function newestFirst(stored: readonly string[]): string[] {
  return [...new Set([...stored].reverse())].slice(0, KEPT_LINES);
}
