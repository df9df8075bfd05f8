import { constants, type Stats } from "node:fs";
import { posix } from "node:path";
import { DirectoryHandle } from "../../host/directory-handle.ts";
import { systemError } from "./copy-failure.ts";
import { toLatin } from "./parse-place.ts";
import { type Located, partsOf, resolveInside } from "./resolve-inside.ts";

/** What is mounted into a container while it runs. */
export interface MountPoint {
  /** As it was asked for: links of the container may lead elsewhere. */
  readonly destination: string;
  /** The file or directory of this node that lies there; undefined where there is none, or none any more. */
  readonly source: { readonly parent: DirectoryHandle; readonly name: string } | undefined;
  readonly isReadOnly: boolean;
  /** Why nothing below it can be reached. */
  refusal(): Error;
}

/**
 * A directory of a container that does not run, with what was mounted into it where the container had
 * it: to walk into a mount point leads to its source, and `..` of a walk leads back. As the kernel has
 * it, a mount point is not replaced (EBUSY), nothing is written where it is read-only (EROFS), and no
 * hard link leads from one mount to another (EXDEV). Where a source is not to be had, what lies below
 * is refused, and a listing of it is empty.
 */
export class MountedDirectory extends DirectoryHandle {
  readonly #mounts: ReadonlyMap<string, MountPoint>;
  /** In the container, and without links. */
  readonly #path: string;
  /** The mount that it lies in; undefined in the root file system. */
  readonly #within: MountPoint | undefined;

  private constructor(
    handle: DirectoryHandle,
    mounts: ReadonlyMap<string, MountPoint>,
    place: { readonly path: string; readonly within: MountPoint | undefined },
  ) {
    super(handle);
    this.#mounts = mounts;
    this.#path = place.path;
    this.#within = place.within;
  }

  /** The root directory of a container; takes the handle over. The mounts are in the order they were made. */
  static root(handle: DirectoryHandle, points: readonly MountPoint[]): MountedDirectory {
    const mounts = new Map<string, MountPoint>();
    const root = new MountedDirectory(handle, mounts, { path: "", within: undefined });
    // The runtime followed links of the image to where it mounted, those of earlier mounts too.
    for (const point of points) mounts.set(root.#resolve(point.destination), point);
    return root;
  }

  /** Throws where what was found is a mount whose source is not to be had. */
  static requireThere({ directory, name }: Located): void {
    if (!(directory instanceof MountedDirectory)) return;
    const point = name === undefined ? directory.#within : directory.#pointAt(name);
    if (point !== undefined && point.source === undefined) throw point.refusal();
  }

  override duplicate(): MountedDirectory {
    return this.#wrap(super.duplicate(), { path: this.#path, within: this.#within });
  }

  override directory(name: string): MountedDirectory {
    const point = this.#pointAt(name);
    const place = { path: this.#below(name), within: point ?? this.#within };
    if (point?.source === undefined) return this.#wrap(super.directory(name), place);
    return this.#wrap(point.source.parent.directory(point.source.name), place);
  }

  override stats(name: string): Stats | undefined {
    const point = this.#pointAt(name);
    if (point?.source !== undefined) return point.source.parent.stats(point.source.name);
    if (point === undefined && this.#isGone()) throw this.#within?.refusal();
    return super.stats(name);
  }

  override names(): readonly string[] {
    return this.#isGone() ? [] : super.names();
  }

  override openFile(name: string, flags: number): number | undefined {
    const point = this.#pointAt(name);
    if ((flags & WRITING) !== 0) requireWritable(point ?? this.#within);
    if (point?.source === undefined) return super.openFile(name, flags);
    return point.source.parent.openFile(point.source.name, flags);
  }

  override createFile(name: string): number {
    requireWritable(this.#within);
    return super.createFile(name);
  }

  override makeDirectory(name: string, mode: number): void {
    requireWritable(this.#within);
    super.makeDirectory(name, mode);
  }

  override makeLink(name: string, target: string): void {
    requireWritable(this.#within);
    super.makeLink(name, target);
  }

  override makeHardLink(name: string, from: DirectoryHandle, fromName: string): void {
    requireWritable(this.#within);
    const isOneMount =
      from instanceof MountedDirectory &&
      from.#within === this.#within &&
      from.#pointAt(fromName) === undefined;
    if (!isOneMount) throw systemError("EXDEV");
    super.makeHardLink(name, from, fromName);
  }

  override rename(name: string, newName: string): void {
    if (this.#pointAt(newName) !== undefined) throw systemError("EBUSY");
    super.rename(name, newName);
  }

  #resolve(destination: string): string {
    try {
      const { directory, name } = resolveInside(this, toLatin(destination), { follow: true });
      directory.close();
      if (directory instanceof MountedDirectory) {
        return name === undefined ? directory.#path : directory.#below(name);
      }
    } catch {
      // It lies in a mount without a source, or what the container did leads nowhere.
    }
    return `/${partsOf(toLatin(posix.normalize(destination))).join("/")}`;
  }

  #below(name: string): string {
    return `${this.#path}/${name}`;
  }

  #pointAt(name: string): MountPoint | undefined {
    return this.#mounts.get(this.#below(name));
  }

  #isGone(): boolean {
    return this.#within !== undefined && this.#within.source === undefined;
  }

  #wrap(
    handle: DirectoryHandle,
    place: { readonly path: string; readonly within: MountPoint | undefined },
  ): MountedDirectory {
    return new MountedDirectory(handle, this.#mounts, place);
  }
}

const WRITING = constants.O_WRONLY | constants.O_RDWR;

function requireWritable(point: MountPoint | undefined): void {
  if (point === undefined) return;
  if (point.source === undefined) throw point.refusal();
  if (point.isReadOnly) throw systemError("EROFS");
}
