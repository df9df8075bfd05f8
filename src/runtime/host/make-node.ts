import { errnoError } from "./errno-error.ts";
import { cString, loadLibc } from "./libc.ts";

const FILE_TYPES = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const;

export interface NodeOptions {
  readonly type: keyof typeof FILE_TYPES;
  /** Permission bits; the umask applies. */
  readonly mode: number;
  /** Of devices; 0/0 as a character device is overlay's whiteout. */
  readonly major?: number;
  readonly minor?: number;
}

/** mknod(2). Rejects with AlreadyExists, PermissionDenied, … as the errno says. */
export async function makeNode(path: string, options: NodeOptions): Promise<void> {
  const { type, mode, major = 0, minor = 0 } = options;
  const libc = await loadLibc();
  const { value, errno } = libc.call(
    "mknod",
    cString(path),
    FILE_TYPES[type] | mode,
    toDeviceNumber(BigInt(major), BigInt(minor)),
  );
  if (value === -1) throw errnoError(`could not create the ${type} device "${path}"`, errno);
}

/** glibc's makedev(3): the halves of both numbers interleaved. */
function toDeviceNumber(major: bigint, minor: bigint): bigint {
  return (
    ((major & 0xfffn) << 8n) |
    ((major & 0xfffff000n) << 32n) |
    (minor & 0xffn) |
    ((minor & 0xffffff00n) << 12n)
  );
}
