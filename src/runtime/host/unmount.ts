import { errnoError, errnoName } from "./errno-error.ts";
import { cString, loadLibc } from "./libc.ts";

const UMOUNT_FLAGS = { detach: 2, nofollow: 8 } as const;

/**
 * umount2(2), once: resolves to false where nothing is mounted there or the path does not exist.
 * `detach` hides the mount at once and lets it go when its last user does. A symlink is not followed.
 */
export async function unmount(
  target: string,
  options: { detach?: boolean } = {},
): Promise<boolean> {
  const libc = await loadLibc();
  const flags = UMOUNT_FLAGS.nofollow | (options.detach === true ? UMOUNT_FLAGS.detach : 0);
  const { value, errno } = libc.call("umount2", cString(target), flags);
  if (value !== -1) return true;
  const error = errnoError(`could not unmount "${target}"`, errno);
  const name = errnoName(error);
  if (name === "EINVAL" || name === "ENOENT") return false;
  throw error;
}
