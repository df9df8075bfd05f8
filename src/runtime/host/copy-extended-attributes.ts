import { errnoError, errnoName } from "./errno-error.ts";
import { loadLibc } from "./libc.ts";

const LONGEST_LIST_BYTES = 65_536;
const LONGEST_VALUE_BYTES = 65_536;

/**
 * Copies the extended attributes, ACLs among them, that the filter lets through. Paths are bytes, as
 * the file system has them; symlinks are not followed. A file system without attributes has none.
 */
export async function copyExtendedAttributes(
  from: Uint8Array,
  to: Uint8Array,
  isCopied: (name: string) => boolean,
): Promise<void> {
  const libc = await loadLibc();
  const source = terminated(from);
  const list = new Uint8Array(LONGEST_LIST_BYTES);
  const listed = libc.call("llistxattr", source, list, BigInt(list.length));
  if (listed.value === -1) {
    const error = errnoError("could not list the attributes of a directory", listed.errno);
    if (errnoName(error) === "ENOTSUP" || errnoName(error) === "EOPNOTSUPP") return;
    throw error;
  }
  const names = Buffer.from(list.subarray(0, listed.value)).toString("latin1").split("\0");
  for (const name of names.filter((each) => each !== "" && isCopied(each))) {
    const attribute = terminated(Buffer.from(name, "latin1"));
    const value = new Uint8Array(LONGEST_VALUE_BYTES);
    const got = libc.call("lgetxattr", source, attribute, value, BigInt(value.length));
    const set =
      got.value === -1
        ? got
        : libc.call("lsetxattr", terminated(to), attribute, value, BigInt(got.value), 0);
    if (set.value === -1) throw errnoError(`could not copy the attribute ${name}`, set.errno);
  }
}

function terminated(path: Uint8Array): Uint8Array {
  return Buffer.concat([path, Buffer.alloc(1)]);
}
