import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { errnoError } from "./errno-error.ts";
import { cString, type Libc, loadLibc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2000000;
const SHUT = { read: 0, write: 1, both: 2 } as const;
/** sockaddr_un: two bytes of family, then the path with its zero byte. */
const LONGEST_PATH_BYTES = 107;

/**
 * Connects to a SOCK_SEQPACKET socket and resolves to its descriptor, which the caller closes. It
 * blocks: one read is one packet, and no event loop can poll it, so it belongs into a process of its
 * own. NotFound for a path that does not exist, Unavailable where nobody listens.
 */
export async function connectSeqpacket(path: string): Promise<number> {
  const libc = await loadLibc();
  if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES) return connect(libc, path, path);
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return connect(libc, `/proc/self/fd/${directory}/${basename(path)}`, path);
  } finally {
    closeSync(directory);
  }
}

/** shutdown(2): ends one direction of a connected socket or both. */
export async function shutdownSocket(
  descriptor: number,
  direction: keyof typeof SHUT,
): Promise<void> {
  const libc = await loadLibc();
  const { value, errno } = libc.call("shutdown", descriptor, SHUT[direction]);
  if (value === -1) throw errnoError(`could not shut down the socket ${descriptor}`, errno);
}

function connect(libc: Libc, address: string, path: string): number {
  const socket = libc.call("socket", AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (socket.value === -1) throw errnoError("could not create a socket", socket.errno);
  const family = Buffer.alloc(2);
  new DataView(family.buffer, family.byteOffset).setUint16(0, AF_UNIX, isLittleEndian());
  const sockaddr = Buffer.concat([family, cString(address)]);
  const { value, errno } = libc.call("connect", socket.value, sockaddr, sockaddr.length);
  if (value === -1) {
    closeSync(socket.value);
    throw errnoError(`could not connect to "${path}"`, errno);
  }
  return socket.value;
}

function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}
