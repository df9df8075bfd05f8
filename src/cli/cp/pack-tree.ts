import { closeSync, constants, fstatSync, readSync, type Stats } from "node:fs";
import { errnoText } from "../../errors/errno-text.ts";
import type { DirectoryHandle } from "../../host/directory-handle.ts";
import type { TarEntry } from "../../tar/tar-entry.ts";
import { TarWriter } from "../../tar/tar-writer.ts";
import type { LossListener } from "./losses.ts";
import { readAhead } from "./read-ahead.ts";

export interface PackOptions extends LossListener {
  /** The first part of all names; `.` for the content of a directory. */
  readonly archiveName: string;
  /** Everything belongs to root in the archive; else to whom it belongs here. */
  readonly asRoot: boolean;
}

const PIECE_BYTES = 1 << 20;

/**
 * A tar archive of an entry with all that is below it, or of a directory itself where no name is
 * given. Links are packed and never followed, and files of several names are packed once. What
 * changes meanwhile may be torn; a file that shrinks is filled up with zeros, which is told.
 */
export async function* packTree(
  directory: DirectoryHandle,
  name: string | undefined,
  options: PackOptions,
): AsyncGenerator<Buffer> {
  const packer: Packer = { writer: new TarWriter(), options, seen: new Map() };
  if (name === undefined) yield* packDirectory(packer, directory, options.archiveName);
  else yield* packEntry(packer, directory, { name, as: options.archiveName });
  packer.writer.end();
  yield* packer.writer.take(true);
}

interface Packer {
  readonly writer: TarWriter;
  readonly options: PackOptions;
  /** Names in the archive of files with several, by device and inode. */
  readonly seen: Map<string, string>;
}

interface Named {
  readonly name: string;
  /** Its name in the archive. */
  readonly as: string;
}

async function* packEntry(
  packer: Packer,
  parent: DirectoryHandle,
  { name, as }: Named,
): AsyncGenerator<Buffer> {
  const stats = parent.stats(name);
  // It went since its directory was read.
  if (stats === undefined) return;
  if (stats.isDirectory()) {
    const directory = parent.directory(name);
    try {
      yield* packDirectory(packer, directory, as);
    } finally {
      directory.close();
    }
  } else if (stats.isSymbolicLink()) {
    writeHeader(packer, stats, { name: as, type: "symlink", linkName: parent.target(name) });
  } else if (stats.isFile()) {
    yield* packFile(packer, parent, { name, as });
  } else {
    packer.options.onSkip(as);
  }
}

async function* packDirectory(
  packer: Packer,
  directory: DirectoryHandle,
  as: string,
): AsyncGenerator<Buffer> {
  writeHeader(packer, directory.ownStats(), { name: `${as}/`, type: "directory" });
  for (const name of [...directory.names()].sort()) {
    yield* packEntry(packer, directory, { name, as: `${as}/${name}` });
    yield* packer.writer.take();
  }
}

async function* packFile(
  packer: Packer,
  parent: DirectoryHandle,
  { name, as }: Named,
): AsyncGenerator<Buffer> {
  const { writer, seen, options } = packer;
  // Some of /proc's files would wait for what is still to come.
  const fd = parent.openFile(name, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fd === undefined) {
    options.onSkip(as);
    return;
  }
  try {
    const stats = fstatSync(fd);
    const inode = `${stats.dev}:${stats.ino}`;
    const first = stats.nlink > 1 ? seen.get(inode) : undefined;
    if (first !== undefined) {
      writeHeader(packer, stats, { name: as, type: "hardlink", linkName: first });
      return;
    }
    const ahead = readFirst(packer, fd, stats, as);
    if (ahead === "skipped") return;
    seen.set(inode, as);
    if (ahead === undefined) {
      writeHeader(packer, stats, { name: as, type: "file", sizeBytes: stats.size });
      yield* packData(packer, fd, stats.size, as);
    } else {
      const sizeBytes = ahead.reduce((sum, { length }) => sum + length, 0);
      writeHeader(packer, stats, { name: as, type: "file", sizeBytes });
      for (const piece of ahead) writer.writeData(piece);
    }
    writer.endData();
  } finally {
    closeSync(fd);
  }
}

/** Inside a tree a file without a size that cannot be read, as /proc has some, is left out. */
function readFirst(
  { options }: Packer,
  fd: number,
  { size }: Stats,
  as: string,
): readonly Buffer[] | undefined | "skipped" {
  try {
    return readAhead(fd, size);
  } catch (error) {
    if (size > 0 || as === options.archiveName) throw error;
    options.onSkip(as, `cannot be read: ${errnoText(error)}`);
    return "skipped";
  }
}

async function* packData(
  { writer, options }: Packer,
  fd: number,
  sizeBytes: number,
  as: string,
): AsyncGenerator<Buffer> {
  let isShorter = false;
  for (let left = sizeBytes; left > 0; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, left));
    const length = isShorter ? 0 : readSync(fd, piece, 0, piece.length, null);
    if (length === 0) {
      isShorter = true;
      piece.fill(0);
    }
    writer.writeData(length === 0 ? piece : piece.subarray(0, length));
    left -= length === 0 ? piece.length : length;
    yield* writer.take();
  }
  if (isShorter) options.onShrink(as);
}

function writeHeader(
  { writer, options }: Packer,
  stats: Stats,
  entry: Pick<TarEntry, "name" | "type"> & Partial<TarEntry>,
): void {
  writer.writeHeader({
    linkName: "",
    mode: stats.mode & 0o7777,
    uid: options.asRoot ? 0 : stats.uid,
    gid: options.asRoot ? 0 : stats.gid,
    sizeBytes: 0,
    mtime: (stats.mtimeMs / 1000).toFixed(3),
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
    ...entry,
  });
}
