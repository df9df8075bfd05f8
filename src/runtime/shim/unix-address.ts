import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";

/** sockaddr_un holds 108 bytes with the zero at the end. */
const LONGEST_ADDRESS_BYTES = 107;

/**
 * What to listen at or connect to for a unix socket at the path. A longer path than the kernel takes
 * is reached through a descriptor of its directory, which `release` closes.
 */
export function unixAddress(path: string): { address: string; release(): void } {
  if (Buffer.byteLength(path) <= LONGEST_ADDRESS_BYTES) return { address: path, release() {} };
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    address: `/proc/self/fd/${directory}/${basename(path)}`,
    release: () => closeSync(directory),
  };
}
