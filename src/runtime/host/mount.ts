import { errnoError } from "./errno-error.ts";
import { cString, loadLibc } from "./libc.ts";

/** Flags of mount(2). */
const MOUNT_FLAGS = {
  readonly: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  remount: 0x20,
  bind: 0x1000,
  recursive: 0x4000,
  private: 0x40000,
  slave: 0x80000,
  shared: 0x100000,
} as const;

export interface MountOptions {
  readonly source: string;
  readonly target: string;
  /** `tmpfs`, `overlay`, …; empty for a bind mount. */
  readonly type?: string;
  readonly flags?: readonly (keyof typeof MOUNT_FLAGS)[];
  /** The file system's own options; at most one page (4095 bytes). */
  readonly data?: string;
}

/** mount(2). Rejects with the StatusError of the errno, whose cause has its name as `code`. */
export async function mount(options: MountOptions): Promise<void> {
  const { source, target, type = "", flags = [], data } = options;
  const bits = flags.reduce((sum, flag) => sum | MOUNT_FLAGS[flag], 0);
  const libc = await loadLibc();
  const { value, errno } = libc.call(
    "mount",
    cString(source),
    cString(target),
    cString(type),
    BigInt(bits),
    data === undefined ? null : cString(data),
  );
  if (value === -1) {
    throw errnoError(`could not mount ${type === "" ? `"${source}"` : type} on "${target}"`, errno);
  }
}
