import { errnoError, errnoName } from "./errno-error.ts";
import { cString, loadLibc } from "./libc.ts";

const LONGEST_VALUE_BYTES = 65_536;

/** lsetxattr(2): of the file itself, never of what a symlink points to. */
export async function setExtendedAttribute(
  path: string,
  name: string,
  value: Uint8Array,
): Promise<void> {
  const libc = await loadLibc();
  const result = libc.call(
    "lsetxattr",
    cString(path),
    cString(name),
    // An empty array has no address in either interface.
    value.length === 0 ? new Uint8Array(1) : value,
    BigInt(value.length),
    0,
  );
  if (result.value === -1) {
    throw errnoError(`could not set the attribute ${name} of "${path}"`, result.errno);
  }
}

/** lgetxattr(2); undefined where the file has no such attribute. */
export async function getExtendedAttribute(
  path: string,
  name: string,
): Promise<Uint8Array | undefined> {
  const libc = await loadLibc();
  const buffer = new Uint8Array(LONGEST_VALUE_BYTES);
  const { value, errno } = libc.call(
    "lgetxattr",
    cString(path),
    cString(name),
    buffer,
    BigInt(buffer.length),
  );
  if (value !== -1) return buffer.slice(0, value);
  const error = errnoError(`could not read the attribute ${name} of "${path}"`, errno);
  if (errnoName(error) === "ENODATA") return undefined;
  throw error;
}
