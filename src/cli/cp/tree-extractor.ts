import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  futimesSync,
  readSync,
  writeSync,
} from "node:fs";
import { StatusError } from "../../errors/status-error.ts";
import type { DirectoryHandle } from "../../host/directory-handle.ts";
import { randomHex } from "../../host/random-id.ts";
import type { TarEntry } from "../../tar/tar-entry.ts";
import type { TarVisitor } from "../../tar/tar-reader.ts";
import { partsOf } from "./resolve-inside.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface ExtractOptions {
  /** The bits that make a program run as its owner are taken from the archive. */
  readonly keepsSpecialBits: boolean;
  /** Whom an entry is given to; undefined leaves it to whoever writes it. */
  owner(entry: TarEntry): Owner | undefined;
  /** Where an entry comes to lie below the base; undefined for one that is left out. */
  place(parts: readonly string[]): readonly string[] | undefined;
  /** Told of what is not made: devices and pipes. */
  onSkip(name: string): void;
}

/**
 * Writes an archive below a directory. The archive may come from whoever wants to write elsewhere:
 * `..` is refused, and nothing is written through a link, be it from the archive or there before. A
 * file gets its name when it is whole. Throws InvalidArgument, FailedPrecondition and what node:fs
 * throws; `close` then takes away what is not whole. The base belongs to the caller.
 */
export class TreeExtractor implements TarVisitor {
  readonly #base: DirectoryHandle;
  readonly #options: ExtractOptions;
  /** The directories on the way to the last entry, without the base. */
  #way: { readonly name: string; readonly handle: DirectoryHandle }[] = [];
  #file: OpenFile | undefined;
  /** Made here; they get their modes at the end, when nothing more is written into them. */
  readonly #made: { readonly parts: readonly string[]; readonly entry: TarEntry }[] = [];

  constructor(base: DirectoryHandle, options: ExtractOptions) {
    this.#base = base;
    this.#options = options;
  }

  onEntry(entry: TarEntry): void {
    const parts = this.#placed(entry.name);
    const name = parts?.at(-1);
    // The base itself is there, and stays as it is.
    if (parts === undefined || name === undefined) return;
    const parent = this.#walk(parts.slice(0, -1));
    switch (entry.type) {
      case "directory":
        this.#takeDirectory(entry, parts, parent);
        break;
      case "file":
        refuseDirectory(parent, name, entry);
        this.#file = createOpenFile(parent, name, entry);
        break;
      case "symlink":
        this.#replace(parent, name, entry, (temporary) => {
          parent.makeLink(temporary, entry.linkName);
          const owner = this.#options.owner(entry);
          if (owner !== undefined) parent.setOwner(temporary, owner.uid, owner.gid);
          parent.setTime(temporary, Number(entry.mtime));
        });
        break;
      case "hardlink":
        this.#takeHardLink(entry, parent, name);
        break;
      default:
        this.#options.onSkip(entry.name);
    }
  }

  onData(data: Buffer): void {
    const file = this.#file;
    if (file === undefined) return;
    // A hole in a file comes as zeros, and may be larger than the disk.
    file.endsInHole = data.length >= LEAST_HOLE_BYTES && isZeros(data);
    if (!file.endsInHole) writeAll(file.fd, data, file.sizeBytes);
    file.sizeBytes += data.length;
  }

  onEntryEnd(): void {
    const file = this.#file;
    if (file === undefined) return;
    const { fd, entry } = file;
    if (file.endsInHole) ftruncateSync(fd, file.sizeBytes);
    const owner = this.#options.owner(entry);
    if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid);
    fchmodSync(fd, this.#modeOf(entry));
    futimesSync(fd, Number(entry.mtime), Number(entry.mtime));
    try {
      file.parent.rename(file.temporary, file.name);
    } catch (error) {
      // What is mounted there cannot be replaced: /etc/hosts of a container.
      if (codeOf(error) !== "EBUSY" || !overwrite(file)) throw error;
      file.parent.remove(file.temporary);
    }
    this.#file = undefined;
    closeFile(file);
  }

  /** The archive is at its end. */
  finish(): void {
    for (const { parts, entry } of this.#made.reverse()) {
      const owner = this.#options.owner(entry);
      this.#walk(parts).setOwn({ mode: this.#modeOf(entry), mtime: Number(entry.mtime), owner });
    }
  }

  /** Idempotent. */
  close(): void {
    for (const { handle } of this.#way) handle.close();
    this.#way = [];
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    file.parent.remove(file.temporary);
    closeFile(file);
  }

  #modeOf({ mode }: TarEntry): number {
    return this.#options.keepsSpecialBits ? mode : mode & 0o1777;
  }

  #placed(name: string): readonly string[] | undefined {
    const parts = partsOf(name);
    if (parts.includes("..")) {
      throw new StatusError(
        "InvalidArgument",
        `the archive's entry ${quoted(name)} leads out of it`,
      );
    }
    return this.#options.place(parts);
  }

  /** The directory of that path, made where it is not there; stays open until another way is gone. */
  #walk(parts: readonly string[]): DirectoryHandle {
    let shared = 0;
    while (shared < parts.length && this.#way[shared]?.name === parts[shared]) shared++;
    for (const { handle } of this.#way.splice(shared)) handle.close();
    for (const name of parts.slice(shared)) {
      const parent = this.#way.at(-1)?.handle ?? this.#base;
      if (parent.stats(name) === undefined) parent.makeDirectory(name, IMPLIED_MODE);
      this.#way.push({ name, handle: openBelow(parent, name, parts) });
    }
    return this.#way.at(-1)?.handle ?? this.#base;
  }

  #takeDirectory(entry: TarEntry, parts: readonly string[], parent: DirectoryHandle): void {
    const name = parts.at(-1) ?? "";
    if (parent.stats(name) !== undefined) {
      // One that is there is written into and stays as it is.
      openBelow(parent, name, parts).close();
      return;
    }
    parent.makeDirectory(name, UNFINISHED_MODE);
    this.#made.push({ parts, entry });
  }

  #takeHardLink(entry: TarEntry, parent: DirectoryHandle, name: string): void {
    const target = this.#placed(entry.linkName);
    const targetName = target?.at(-1);
    if (target === undefined || targetName === undefined) {
      throw new StatusError("InvalidArgument", `${quoted(entry.name)} is a link to nothing`);
    }
    const own = parent.duplicate();
    try {
      const from = this.#walk(target.slice(0, -1));
      this.#replace(own, name, entry, (temporary) => own.makeHardLink(temporary, from, targetName));
    } finally {
      own.close();
    }
  }

  #replace(
    parent: DirectoryHandle,
    name: string,
    entry: TarEntry,
    make: (temporary: string) => void,
  ): void {
    refuseDirectory(parent, name, entry);
    const temporary = temporaryName();
    make(temporary);
    parent.rename(temporary, name);
    // Where both are names of one file, rename leaves the two.
    if (parent.stats(temporary) !== undefined) parent.remove(temporary);
  }
}

/** Of a directory that the archive does not name but writes into. */
const IMPLIED_MODE = 0o755;
/** Until all that belongs there is written, nobody else looks. */
const UNFINISHED_MODE = 0o700;

/** A block of most file systems. */
const LEAST_HOLE_BYTES = 4096;

interface OpenFile {
  readonly fd: number;
  readonly entry: TarEntry;
  /** A handle of its own: the way may lead elsewhere before the file is whole. */
  readonly parent: DirectoryHandle;
  readonly name: string;
  readonly temporary: string;
  sizeBytes: number;
  /** What came last is not written: the file is still shorter than it is to be. */
  endsInHole: boolean;
}

function createOpenFile(directory: DirectoryHandle, name: string, entry: TarEntry): OpenFile {
  const parent = directory.duplicate();
  try {
    const temporary = temporaryName();
    const fd = parent.createFile(temporary);
    return { fd, entry, parent, name, temporary, sizeBytes: 0, endsInHole: false };
  } catch (error) {
    parent.close();
    throw error;
  }
}

function closeFile({ fd, parent }: OpenFile): void {
  closeSync(fd);
  parent.close();
}

/** Writes the new content into the file that has the name; false where it is no ordinary one. */
function overwrite({ fd, parent, name }: OpenFile): boolean {
  const target = parent.openFile(name, constants.O_WRONLY | constants.O_TRUNC);
  if (target === undefined) return false;
  try {
    const piece = Buffer.allocUnsafe(1 << 16);
    for (let at = 0, length = 1; length > 0; at += length) {
      length = readSync(fd, piece, 0, piece.length, at);
      writeAll(target, piece.subarray(0, length), at);
    }
    return true;
  } finally {
    closeSync(target);
  }
}

function writeAll(fd: number, data: Buffer, position: number): void {
  for (let at = 0; at < data.length; ) {
    at += writeSync(fd, data, at, data.length - at, position + at);
  }
}

/** Each byte is the one before it, and the first is 0. */
function isZeros(data: Buffer): boolean {
  return data[0] === 0 && data.subarray(1).equals(data.subarray(0, -1));
}

function openBelow(
  parent: DirectoryHandle,
  name: string,
  parts: readonly string[],
): DirectoryHandle {
  try {
    return parent.directory(name);
  } catch (cause) {
    if (codeOf(cause) !== "ENOTDIR") throw cause;
    const path = quoted(parts.join("/"));
    const what = parent.stats(name)?.isSymbolicLink() ? "a link" : "no directory";
    throw new StatusError("FailedPrecondition", `${path}: "${name}" is ${what}`, {
      cause,
      hint: "nothing is written through links; copy to where it leads",
    });
  }
}

function refuseDirectory(parent: DirectoryHandle, name: string, entry: TarEntry): void {
  if (!parent.stats(name)?.isDirectory()) return;
  throw new StatusError(
    "FailedPrecondition",
    `${quoted(entry.name)} is a directory there, and none in what is copied`,
  );
}

function temporaryName(): string {
  return `.crish-cp-${randomHex(8)}`;
}

function quoted(name: string): string {
  return `"${Buffer.from(name, "latin1").toString()}"`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
