import { StatusError } from "../errors/status-error.ts";
import type { TarEntry, TarEntryType } from "./tar-entry.ts";
import type { TarHeader } from "./tar-header.ts";

/** What went before a header and belongs to it. */
export interface HeaderExtensions {
  /** PAX records, global ones first. */
  readonly pax: ReadonlyMap<string, string>;
  readonly gnuLongName: string | undefined;
  readonly gnuLongLink: string | undefined;
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file",
};
const XATTR_PREFIX = "SCHILY.xattr.";
const NO_XATTRS: ReadonlyMap<string, string> = new Map();

/** Applies PAX and GNU extensions to a header. InvalidArgument for a kind of entry that no layer has. */
export function buildTarEntry(header: TarHeader, extensions: HeaderExtensions): TarEntry {
  const { pax } = extensions;
  const name = pax.get("path") ?? extensions.gnuLongName ?? header.name;
  const linkName = pax.get("linkpath") ?? extensions.gnuLongLink ?? header.linkName;
  refuseNul(name);
  refuseNul(linkName);
  const type = toEntryType(header.typeFlag, name);
  if (header.typeFlag === "S" || isSparse(pax)) {
    throw refused(name, "is a sparse file, which no layer may hold");
  }
  return {
    name,
    type,
    linkName,
    mode: header.mode & 0o7777,
    uid: toCount(pax.get("uid"), name) ?? header.uid,
    gid: toCount(pax.get("gid"), name) ?? header.gid,
    // Only files have data: what other headers give as their size is not followed by any.
    sizeBytes: type === "file" ? (toCount(pax.get("size"), name) ?? header.sizeBytes) : 0,
    mtime: toTime(pax.get("mtime"), name) ?? String(header.mtimeSeconds),
    deviceMajor: header.deviceMajor,
    deviceMinor: header.deviceMinor,
    xattrs: toXattrs(pax),
  };
}

/** Each of the versions 0.0, 0.1 and 1.0 has keys of its own; the data of all is not the file. */
function isSparse(pax: ReadonlyMap<string, string>): boolean {
  for (const key of pax.keys()) if (key.startsWith("GNU.sparse.")) return true;
  return false;
}

function toEntryType(typeFlag: string, name: string): TarEntryType {
  const type = typeFlag === "S" ? "file" : TYPES[typeFlag];
  if (type === undefined) {
    throw refused(name, `is of the unknown tar type ${JSON.stringify(typeFlag)}`);
  }
  // Before POSIX a directory was a file whose name ends in a slash.
  return type === "file" && name.endsWith("/") ? "directory" : type;
}

/** Attributes of the overlay's own name spaces would let a layer speak to the kernel's overlay. */
function toXattrs(pax: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (pax.size === 0) return NO_XATTRS;
  const xattrs = new Map<string, string>();
  for (const [key, value] of pax) {
    if (!key.startsWith(XATTR_PREFIX)) continue;
    const name = key.slice(XATTR_PREFIX.length);
    if (/^(trusted|user)\.overlay\./.test(name) || name === "") continue;
    xattrs.set(name, value);
  }
  return xattrs;
}

function toCount(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) throw refused(name, "has a malformed PAX number");
  return Number(text);
}

function toTime(text: string | undefined, name: string): string | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^-?[0-9]{1,12}(\.[0-9]*)?$/.test(text)) throw refused(name, "has a malformed PAX time");
  return text;
}

function refuseNul(text: string): void {
  if (text.includes("\0")) throw refused(text, "has a NUL byte in its name");
}

function refused(name: string, reason: string): StatusError {
  const shown = JSON.stringify(Buffer.from(name, "latin1").toString("utf8"));
  return new StatusError("InvalidArgument", `the archive's entry ${shown} ${reason}`);
}
