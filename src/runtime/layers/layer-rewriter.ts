/**
 * The room `layers`: a layer's tar stream, from any hand, made into an overlay directory.
 *
 * It owns the layer's tree in memory, the canonical stream that GNU tar gets to see, and the diff ID.
 * GNU tar is no guard and must never meet a byte of a header that others wrote: each is parsed, judged
 * and encoded anew. It refuses `..` and anything that would reach outside the layer's own directory.
 * Implements the image specification's layer.md; knows nothing of images, registries or snapshots.
 */

import type { TarEntry } from "../../tar/tar-entry.ts";
import { TarReader, type TarVisitor } from "../../tar/tar-reader.ts";
import { TarWriter } from "../../tar/tar-writer.ts";
import {
  type LayerNode,
  LayerTree,
  pathOfNode,
  refusedName,
  splitEntryName,
} from "./layer-tree.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const OPAQUE_XATTR = "trusted.overlay.opaque";

/** What a layer holds, known when its stream has ended. */
export interface LayerSummary {
  /** Directories that the layer implies but does not name, parents first: latin1, `.` is the root. */
  readonly impliedDirectories: readonly string[];
  /** The layer hides everything below it. Overlay knows no opaque root: such a layer has no parent. */
  readonly isRootOpaque: boolean;
  readonly inodes: number;
  readonly sizeBytes: number;
}

/**
 * Turns a layer's tar stream into one that GNU tar can be trusted with: every name and hard-link
 * target relative and resolved through the layer's own symlinks, whiteouts as overlay's character
 * devices, opaque directories as overlay's attribute. Whiteouts come last: they lose against an
 * entry of the same layer wherever that stands in the archive.
 */
export class LayerRewriter implements TarVisitor {
  readonly #reader = new TarReader(this);
  readonly #writer = new TarWriter();
  readonly #tree: LayerTree;
  readonly #implied = new Set<LayerNode>();
  readonly #whiteouts: string[][] = [];
  readonly #opaque: string[][] = [];
  #mtime = "0";
  #inodes = 0;
  #sizeBytes = 0;
  #skipping = false;
  #isRootOpaque = false;

  constructor() {
    this.#tree = new LayerTree((node) => this.#onImplied(node));
  }

  /** Takes a piece of the layer and returns what is ready for GNU tar. InvalidArgument for hostile input. */
  push(chunk: Buffer): Buffer[] {
    this.#reader.push(chunk);
    return this.#writer.take();
  }

  /** The rest, with whiteouts and the end mark. */
  end(): { chunks: Buffer[]; summary: LayerSummary } {
    this.#reader.end();
    this.#writeWhiteouts();
    this.#writer.end();
    const impliedDirectories = [this.#tree.root, ...this.#implied]
      .filter((node) => node.entry === undefined && isAttached(node))
      .map((node) => pathOfNode(node) || ".");
    return {
      chunks: this.#writer.take(true),
      summary: {
        impliedDirectories,
        isRootOpaque: this.#isRootOpaque,
        inodes: this.#inodes,
        sizeBytes: this.#sizeBytes,
      },
    };
  }

  onEntry(entry: TarEntry): void {
    const components = splitEntryName(entry.name);
    const name = components.at(-1);
    this.#mtime = entry.mtime;
    this.#skipping = false;
    if (name === undefined) this.#onRoot(entry);
    else if (components.some((component) => component.startsWith(WHITEOUT))) {
      this.#skipping = true;
      this.#onWhiteout(entry, components, name);
    } else if (entry.type === "hardlink") this.#onHardLink(entry, components, name);
    else this.#onInode(entry, components, name);
  }

  onData(data: Buffer): void {
    if (!this.#skipping) this.#writer.writeData(data);
  }

  onEntryEnd(): void {
    if (!this.#skipping) this.#writer.endData();
  }

  #onInode(entry: TarEntry, components: string[], name: string): void {
    const parent = this.#tree.resolveParent(components);
    const node = this.#tree.put(parent, name, entry);
    this.#inodes += 1;
    this.#sizeBytes += entry.sizeBytes;
    this.#write(node, entry);
  }

  #onRoot(entry: TarEntry): void {
    if (entry.type !== "directory") throw refusedName(entry.name, "is no name");
    this.#tree.root.entry = entry;
    this.#write(this.#tree.root, entry);
  }

  #onWhiteout(entry: TarEntry, components: string[], name: string): void {
    // Bookkeeping of aufs (.wh..wh.plnk and the like), which no reader of layers takes.
    const isAufs = (part: string) => part.startsWith(".wh..wh.") && part !== OPAQUE;
    if (components.some(isAufs)) return;
    const hidden = name.slice(WHITEOUT.length);
    const isMisplaced = components.slice(0, -1).some((part) => part.startsWith(WHITEOUT));
    if (isMisplaced || !name.startsWith(WHITEOUT) || ["", ".", ".."].includes(hidden)) {
      throw refusedName(entry.name, "is a malformed whiteout");
    }
    if (name === OPAQUE) this.#opaque.push(components);
    else this.#whiteouts.push([...components.slice(0, -1), hidden]);
  }

  #onHardLink(entry: TarEntry, components: string[], name: string): void {
    const parent = this.#tree.resolveParent(components);
    const target = this.#resolveLink(entry);
    // Linking a name to itself would have tar remove the file first.
    if (parent.children.get(name) === target) {
      throw refusedName(entry.name, "is a hard link to itself");
    }
    const node = this.#tree.put(parent, name, entry);
    // A link to a symlink is that symlink, and is followed as one.
    node.type = target.type;
    node.linkName = target.linkName;
    this.#write(node, { ...entry, linkName: pathOfNode(target) });
  }

  /** The target must be a file of this very layer: what lies below it belongs to others. */
  #resolveLink(entry: TarEntry): LayerNode {
    const components = splitEntryName(entry.linkName);
    const name = components.at(-1);
    const target =
      name === undefined ? undefined : this.#tree.findParent(components)?.children.get(name);
    if (target === undefined || target.type === "directory") {
      throw refusedName(entry.name, "is a hard link to a file that the layer does not have");
    }
    return target;
  }

  #onImplied(node: LayerNode): void {
    this.#implied.add(node);
    this.#write(node, directoryEntry(this.#mtime));
  }

  #writeWhiteouts(): void {
    for (const components of this.#opaque) this.#makeOpaque(this.#tree.resolveParent(components));
    for (const components of this.#whiteouts) {
      const name = components.at(-1) ?? "";
      const parent = this.#tree.resolveParent(components);
      const present = parent.children.get(name);
      if (present?.type === "directory") this.#makeOpaque(present);
      if (present !== undefined) continue;
      const entry = { ...directoryEntry(this.#mtime), type: "character" as const, mode: 0 };
      this.#inodes += 1;
      this.#write(this.#tree.put(parent, name, entry), entry);
    }
  }

  #makeOpaque(node: LayerNode): void {
    if (node.parent === undefined) this.#isRootOpaque = true;
    if (node.type !== "directory" || node.parent === undefined) return;
    const entry = node.entry ?? directoryEntry(this.#mtime);
    this.#write(node, { ...entry, xattrs: new Map([...entry.xattrs, [OPAQUE_XATTR, "y"]]) });
  }

  #write(node: LayerNode, entry: TarEntry): void {
    const path = pathOfNode(node);
    this.#writer.writeHeader({ ...entry, name: path === "" ? "." : path });
  }
}

function directoryEntry(mtime: string): TarEntry {
  return {
    name: "",
    type: "directory",
    linkName: "",
    mode: 0o755,
    uid: 0,
    gid: 0,
    sizeBytes: 0,
    mtime,
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: new Map(),
  };
}

/** Whether it still stands in the tree: an empty implied directory may have been replaced. */
function isAttached(node: LayerNode): boolean {
  for (let at: LayerNode = node; at.parent !== undefined; at = at.parent) {
    if (at.parent.children.get(at.name) !== at) return false;
  }
  return true;
}
