import { Buffer } from "node:buffer";

/** One entry of a tar archive, written exactly as given: hostile names and links included. */
export interface TarEntry {
  path: string;
  type?: "file" | "directory" | "symlink" | "hardlink" | "character" | "block" | "fifo";
  data?: string | Uint8Array;
  mode?: number;
  uid?: number;
  gid?: number;
  /** Target of a symlink or hardlink. */
  target?: string;
  device?: { major: number; minor: number };
  modifiedAtSeconds?: number;
  /** Extra PAX records, such as `SCHILY.xattr.user.colour`. */
  pax?: Readonly<Record<string, string>>;
  /** Overrides the size field of the header. */
  claimedSizeBytes?: number;
}

/** A tar archive (POSIX pax interchange format) of the entries, in their order. */
export function tarArchive(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(2 * BLOCK)]);
}

const BLOCK = 512;
const TYPE_FLAGS = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
} as const;

function tarEntry(entry: TarEntry): Buffer[] {
  const type = entry.type ?? "file";
  const data = type === "file" ? Buffer.from(entry.data ?? "") : Buffer.alloc(0);
  const pax: Record<string, string> = { ...entry.pax };
  if (Buffer.byteLength(entry.path) > 100) pax.path = entry.path;
  if (Buffer.byteLength(entry.target ?? "") > 100) pax.linkpath = entry.target ?? "";
  const parts: Buffer[] = [];
  if (Object.keys(pax).length > 0) {
    const records = Buffer.from(Object.entries(pax).map(paxRecord).join(""));
    parts.push(header({ path: "pax" }, "x", records.length), padded(records));
  }
  parts.push(header(entry, TYPE_FLAGS[type], entry.claimedSizeBytes ?? data.length), padded(data));
  return parts;
}

function header(entry: TarEntry, typeFlag: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const directory = entry.type === "directory";
  block.write(entry.path, 0, 100);
  octal(block, 100, 8, entry.mode ?? (directory ? 0o755 : 0o644));
  octal(block, 108, 8, entry.uid ?? 0);
  octal(block, 116, 8, entry.gid ?? 0);
  octal(block, 124, 12, sizeBytes);
  octal(block, 136, 12, entry.modifiedAtSeconds ?? 1_700_000_000);
  block.write("        ", 148);
  block.write(typeFlag, 156);
  block.write(entry.target ?? "", 157, 100);
  block.write("ustar\x0000", 257, "latin1");
  octal(block, 329, 8, entry.device?.major ?? 0);
  octal(block, 337, 8, entry.device?.minor ?? 0);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function octal(block: Buffer, offset: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, offset, "latin1");
}

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord([key, value]: [string, string]): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return `${length} ${key}=${value}\n`;
}
