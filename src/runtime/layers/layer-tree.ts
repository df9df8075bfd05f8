import { StatusError } from "../../errors/status-error.ts";
import type { TarEntry, TarEntryType } from "../../tar/tar-entry.ts";

/** One name of the layer, as it will stand on disk when all that came before is applied. */
export interface LayerNode {
  readonly parent: LayerNode | undefined;
  readonly name: string;
  type: TarEntryType;
  /** Target of a symlink. */
  linkName: string;
  /** Only of directories. */
  readonly children: Map<string, LayerNode>;
  /** The entry that made it; undefined for a directory that the layer implies but does not name. */
  entry: TarEntry | undefined;
}

const MAX_LINKS = 40;
const MAX_PATH_BYTES = 4000;
const MAX_NAME_BYTES = 255;

/** The tree that a layer's entries make, against which every later name is resolved. */
export class LayerTree {
  readonly root: LayerNode = createNode(undefined, "", "directory");
  readonly #onImplied: (node: LayerNode) => void;

  /** `onImplied` hears of each directory that an entry needs and none has named, parents first. */
  constructor(onImplied: (node: LayerNode) => void) {
    this.#onImplied = onImplied;
  }

  /**
   * The directory that holds the path's last component, reached through the layer's own symlinks and
   * never out of the root; missing ones are created. InvalidArgument where a file is in the way.
   */
  resolveParent(components: readonly string[]): LayerNode {
    return this.#walk(components.slice(0, -1), components, true);
  }

  /** Like resolveParent, but undefined where a directory is missing. */
  findParent(components: readonly string[]): LayerNode | undefined {
    try {
      return this.#walk(components.slice(0, -1), components, false);
    } catch (error) {
      if (error === MISSING) return undefined;
      throw error;
    }
  }

  /** Puts an entry in its place; what stood there must be replaceable. */
  put(parent: LayerNode, name: string, entry: TarEntry): LayerNode {
    const present = parent.children.get(name);
    if (present?.type === "directory" && entry.type === "directory") {
      present.entry = entry;
      return present;
    }
    if (present?.type === "directory" && present.children.size > 0) {
      throw refusedName(entry.name, "replaces a directory that is not empty");
    }
    const node = createNode(parent, name, entry.type);
    node.linkName = entry.linkName;
    node.entry = entry;
    parent.children.set(name, node);
    return node;
  }

  #walk(path: readonly string[], whole: readonly string[], create: boolean): LayerNode {
    let node = this.root;
    let links = 0;
    const left = path.toReversed();
    for (let component = left.pop(); component !== undefined; component = left.pop()) {
      if (component === "..") {
        node = node.parent ?? node;
        continue;
      }
      const child = node.children.get(component);
      if (child === undefined) {
        if (!create) throw MISSING;
        node = this.#imply(node, component);
      } else if (child.type === "directory") {
        node = child;
      } else if (child.type === "symlink") {
        if (++links > MAX_LINKS) throw refusedName(whole.join("/"), "passes too many symlinks");
        if (child.linkName.startsWith("/")) node = this.root;
        left.push(...splitTarget(child.linkName).reverse());
      } else {
        if (!create) throw MISSING;
        throw refusedName(whole.join("/"), "lies below something that is no directory");
      }
    }
    return node;
  }

  #imply(parent: LayerNode, name: string): LayerNode {
    const node = createNode(parent, name, "directory");
    parent.children.set(name, node);
    this.#onImplied(node);
    return node;
  }
}

/** Thrown inside findParent only. */
const MISSING = Symbol("missing");

/** `a/b/c` below the layer's root; empty for the root itself. */
export function pathOfNode(node: LayerNode): string {
  const parts: string[] = [];
  for (let at: LayerNode | undefined = node; at?.parent !== undefined; at = at.parent) {
    parts.push(at.name);
  }
  return parts.reverse().join("/");
}

/** Components of an entry's name, made relative. `..`, and what no file system stores, is refused. */
export function splitEntryName(name: string): string[] {
  const components = name.split("/").filter((part) => part !== "" && part !== ".");
  if (components.includes("..")) throw refusedName(name, 'has ".." in its name');
  const isTooLong =
    name.length > MAX_PATH_BYTES || components.some((part) => part.length > MAX_NAME_BYTES);
  if (isTooLong) throw refusedName(name.slice(0, 60), "has a name that is too long");
  return components;
}

function splitTarget(target: string): string[] {
  return target.split("/").filter((part) => part !== "" && part !== ".");
}

export function refusedName(name: string, reason: string): StatusError {
  const shown = JSON.stringify(Buffer.from(name, "latin1").toString("utf8"));
  return new StatusError("InvalidArgument", `the layer's entry ${shown} ${reason}`);
}

function createNode(parent: LayerNode | undefined, name: string, type: TarEntryType): LayerNode {
  return { parent, name, type, linkName: "", children: new Map(), entry: undefined };
}
