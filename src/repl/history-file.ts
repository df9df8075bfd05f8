import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import {
  chmod,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  stat,
  unlink,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Of a longer file the end is read; something else has written it. */
const READ_BYTES = 4 << 20;
/** A longer entry is not written: it is a document. */
export const LONGEST_ENTRY = 64 << 10;
/** A cut takes milliseconds: what is older was left by a process that was killed. */
const LEFT_OVER_MS = 60_000;
const APPEND_ATTEMPTS = 20;

/**
 * The file in which several sessions keep their lines at once, the oldest first. One line is one
 * entry as typed; one with newlines or other control characters is a tab and a JSON string.
 *
 * Nothing gets lost between sessions. To append is one write, after which the path must still lead
 * to the file that was written; if not, the entry is written once more. To cut the file is to rename
 * it first: from then on it has no writer whose entry is not either in it or written again. The new
 * file appears with all that is left in it, so that another cut never takes an empty one.
 */
export class HistoryFile {
  readonly #path: string;
  /** What the file looked like when it was read last. */
  #read = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** All entries where the file has changed since it was read last. Never throws. */
  readChanged(): string[] | undefined {
    try {
      const facts = statSync(this.#path);
      const state = `${facts.dev} ${facts.ino} ${facts.size} ${facts.mtimeMs}`;
      if (state === this.#read || !facts.isFile()) return undefined;
      const entries = parseEntries(readEnd(this.#path));
      this.#read = state;
      return entries;
    } catch {
      return undefined;
    }
  }

  async append(entry: string): Promise<void> {
    const text = formatEntry(entry);
    if (text.length > LONGEST_ENTRY) return;
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    for (let attempt = 0; attempt < APPEND_ATTEMPTS; attempt++) {
      await using file = await open(this.#path, "a+", 0o600);
      const facts = await file.stat();
      if (!facts.isFile()) return;
      const isBroken = facts.size > 0 && (await lastByte(file, facts.size)) !== NEWLINE;
      await file.appendFile(isBroken ? `\n${text}\n` : `${text}\n`);
      if (await leadsTo(this.#path, file)) return;
    }
  }

  /** Closes the file to others: one that was restored from a backup may be open to all. */
  async protect(): Promise<void> {
    const facts = await stat(this.#path);
    // A link to /dev/null keeps no history, and the device is everybody's.
    if (facts.isFile() && (facts.mode & 0o077) !== 0) await chmod(this.#path, 0o600);
  }

  /**
   * Leaves each entry once, and only the newest where there are twice as many as are kept; brings
   * back what a killed cut has left.
   */
  async cut(keep: number, nowMs = Date.now()): Promise<void> {
    const path = await this.#realPath();
    const claimed = await claimLeftOvers(path, nowMs);
    const claim = async () => {
      const name = claimName(path);
      if (await moved(path, name)) claimed.push(name);
    };
    await claim();
    const before = claimed.flatMap(entriesOf);
    let kept = newest(before, before.length < 2 * keep ? before.length : keep);
    // Another session may have begun a new file by now: it is claimed as well, and kept whole.
    while (!(await created(path, formatEntries(kept)))) {
      const known = claimed.length;
      await claim();
      const added = claimed.slice(known).flatMap(entriesOf);
      kept = newest([...kept, ...added], kept.length + added.length);
    }
    for (const name of claimed) await unlink(name);
  }

  /** Whether a cut was left unfinished. */
  async hasLeftOvers(nowMs = Date.now()): Promise<boolean> {
    return (await leftOvers(await this.#realPath(), nowMs)).length > 0;
  }

  async #realPath(): Promise<string> {
    return await realpath(this.#path).catch(() => this.#path);
  }
}

const NEWLINE = 10;

function formatEntry(entry: string): string {
  return /\p{Cc}|^\s/u.test(entry) ? `\t${JSON.stringify(entry)}` : entry;
}

/** A line that is no entry is passed over: whatever wrote it, the others are still good. */
export function parseEntries(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    if (line.startsWith("\t")) return parseEncoded(line.slice(1));
    return line === "" || /[\p{Cc}\ufffd]/u.test(line) ? [] : [line];
  });
}

function parseEncoded(text: string): string[] {
  try {
    const entry: unknown = JSON.parse(text);
    return typeof entry === "string" && entry !== "" ? [entry] : [];
  } catch {
    return [];
  }
}

function formatEntries(entries: readonly string[]): string {
  return entries.map((entry) => `${formatEntry(entry)}\n`).join("");
}

/** Each entry once, where it stands last. */
function newest(entries: readonly string[], keep: number): string[] {
  return [...new Set([...entries].reverse())].slice(0, keep).reverse();
}

function readEnd(path: string): string {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - READ_BYTES);
    const bytes = Buffer.alloc(size - from);
    const count = readSync(fd, bytes, 0, bytes.length, from);
    const text = bytes.toString("utf8", 0, count);
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    closeSync(fd);
  }
}

async function lastByte(file: FileHandle, size: number): Promise<number | undefined> {
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, size - 1);
  return byte[0];
}

function claimName(path: string): string {
  return `${path}.cut-${randomBytes(6).toString("hex")}`;
}

function entriesOf(path: string): string[] {
  return parseEntries(readEnd(path));
}

async function leftOvers(path: string, nowMs: number): Promise<string[]> {
  const directory = dirname(path);
  const names = await readdir(directory).catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    if (!name.startsWith(`${basename(path)}.cut-`)) continue;
    const facts = await stat(join(directory, name)).catch(() => undefined);
    if (facts !== undefined && nowMs - facts.ctimeMs > LEFT_OVER_MS) {
      found.push(join(directory, name));
    }
  }
  return found;
}

/** Renamed once more, so that of several sessions only one brings each back. */
async function claimLeftOvers(path: string, nowMs: number): Promise<string[]> {
  const claimed: string[] = [];
  for (const name of await leftOvers(path, nowMs)) {
    const claim = claimName(path);
    if (await moved(name, claim)) claimed.push(claim);
  }
  return claimed;
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

/** Creates the file with its text in it, at once; false where there is one by now. */
async function created(path: string, text: string): Promise<boolean> {
  const draft = claimName(path);
  try {
    await writeFile(draft, text, { flag: "wx", mode: 0o600 });
    // Where there are no hard links it is at once as far as can be.
    await link(draft, path).catch((error) => {
      if (isCode(error, "EEXIST")) throw error;
      return copyFile(draft, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await unlink(draft).catch(() => {});
  }
}

async function leadsTo(path: string, file: FileHandle): Promise<boolean> {
  const written = await file.stat();
  const there = await stat(path).catch(() => undefined);
  return there?.ino === written.ino && there.dev === written.dev;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
