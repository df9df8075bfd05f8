import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";

/** open(2): the place of an entry and not its content; neither a FIFO nor a device notices. */
const O_PATH = 0o10000000;
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/**
 * A directory that is held open. Its entries are reached through the descriptor (as openat(2) and
 * its like do it, here by the links in /proc/self/fd), and an entry that is a link is never
 * followed: whatever others rename or replace meanwhile, nothing leads out of the tree that was
 * walked. Names are single entries without a slash, as latin1, so that any byte survives.
 * Everything is synchronous and throws what node:fs throws. Whoever opens a handle closes it.
 */
export class DirectoryHandle {
  readonly #fd: number;

  /** Takes the descriptor over: a handle that is given is not to be closed. */
  protected constructor(place: number | DirectoryHandle) {
    this.#fd = typeof place === "number" ? place : place.#fd;
  }

  /** Links in the path are followed: it is for paths of whoever runs this. */
  static at(path: string): DirectoryHandle {
    return new DirectoryHandle(openSync(path, O_PATH | O_DIRECTORY));
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Another handle of the same directory. */
  duplicate(): DirectoryHandle {
    return DirectoryHandle.at(this.#self());
  }

  /** Throws ENOTDIR where it is no directory, or a link to one. */
  directory(name: string): DirectoryHandle {
    return new DirectoryHandle(openSync(this.#entry(name), O_PATH | O_DIRECTORY | O_NOFOLLOW));
  }

  ownStats(): Stats {
    return fstatSync(this.#fd);
  }

  /** Undefined where there is no such entry. */
  stats(name: string): Stats | undefined {
    return lstatSync(this.#entry(name), { throwIfNoEntry: false });
  }

  /** In no order. */
  names(): readonly string[] {
    return readdirSync(this.#self(), { encoding: "latin1" });
  }

  /** Where the link leads, as latin1. */
  target(name: string): string {
    return readlinkSync(this.#entry(name), { encoding: "latin1" });
  }

  /**
   * A descriptor of the ordinary file of that name; undefined where it is of another kind by now,
   * which is then not opened: to open a device can do something.
   */
  openFile(name: string, flags: number): number | undefined {
    const place = openSync(this.#entry(name), O_PATH | O_NOFOLLOW);
    try {
      return fstatSync(place).isFile() ? openSync(`/proc/self/fd/${place}`, flags) : undefined;
    } finally {
      closeSync(place);
    }
  }

  /** A descriptor of a file that was not there; only its owner may read it so far. */
  createFile(name: string): number {
    return openSync(this.#entry(name), O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600);
  }

  makeDirectory(name: string, mode: number): void {
    mkdirSync(this.#entry(name), { mode });
  }

  makeLink(name: string, target: string): void {
    symlinkSync(Buffer.from(target, "latin1"), this.#entry(name));
  }

  /** A second name of an entry of another directory. */
  makeHardLink(name: string, from: DirectoryHandle, fromName: string): void {
    linkSync(from.#entry(fromName), this.#entry(name));
  }

  /**
   * Replaces what has the new name, unless that is a directory. Throws EBUSY for a mount point of any
   * mount namespace: the kernel does so for those of our own alone, and takes others' mounts away.
   */
  rename(name: string, newName: string): void {
    if (this.#isMountPoint(newName)) throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
    renameSync(this.#entry(name), this.#entry(newName));
  }

  remove(name: string): void {
    unlinkSync(this.#entry(name));
  }

  /** Of an entry that may be a link, which is not followed. */
  setOwner(name: string, uid: number, gid: number): void {
    lchownSync(this.#entry(name), uid, gid);
  }

  /** Seconds since the epoch; a link is not followed. */
  setTime(name: string, mtime: number): void {
    lutimesSync(this.#entry(name), mtime, mtime);
  }

  /** Of the directory itself. */
  setOwn(attributes: {
    readonly mode: number;
    readonly mtime: number;
    readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  }): void {
    const { mode, mtime, owner } = attributes;
    // `/.` is the directory; without it the link in /proc would be meant.
    if (owner !== undefined) lchownSync(`${this.#self()}/.`, owner.uid, owner.gid);
    chmodSync(`${this.#self()}/.`, mode);
    utimesSync(`${this.#self()}/.`, mtime, mtime);
  }

  #isMountPoint(name: string): boolean {
    if (this.stats(name) === undefined) return false;
    const place = openSync(this.#entry(name), O_PATH | O_NOFOLLOW);
    try {
      return mountIdOf(place) !== mountIdOf(this.#fd);
    } finally {
      closeSync(place);
    }
  }

  #self(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  #entry(name: string): Buffer {
    return Buffer.from(`${this.#self()}/${name}`, "latin1");
  }
}

/** proc_pid_fdinfo(5): the mount that a descriptor's file lies in. */
function mountIdOf(fd: number): string | undefined {
  return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
}
