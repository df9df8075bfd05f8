import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { StatusError } from "../../errors/status-error.ts";

export interface ArchiveFile {
  /** Relative, at most 99 bytes. */
  readonly name: string;
  readonly data: Buffer;
}

const BLOCK_BYTES = 512;
const DIRECTORY = "crish-bundle";

/** A gzipped tar (ustar) of files that only their owner may read, below one directory. */
export async function makeArchive(files: readonly ArchiveFile[], madeAt: Date): Promise<Buffer> {
  const seconds = Math.floor(madeAt.getTime() / 1000);
  const blocks = files.flatMap(({ name, data }) => [
    header(`${DIRECTORY}/${name}`, data.length, seconds),
    data,
    Buffer.alloc(-data.length & (BLOCK_BYTES - 1)),
  ]);
  return await promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]));
}

function header(name: string, sizeBytes: number, seconds: number): Buffer {
  if (Buffer.byteLength(name) > 99) {
    throw new StatusError("Internal", `the name "${name}" is too long for an archive`);
  }
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (at: number, width: number, value: number) =>
    block.write(value.toString(8).padStart(width - 1, "0"), at, "latin1");
  block.write(name);
  octal(100, 8, 0o600);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, sizeBytes);
  octal(136, 12, seconds);
  block.write(" ".repeat(8), 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
