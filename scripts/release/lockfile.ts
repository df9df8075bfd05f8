import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One package as package-lock.json pins it. */
export interface LockedPackage {
  /** Where npm puts it, below the checkout: "node_modules/ws". */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of the registry's archive. */
  readonly integrity: string;
  readonly license: string | undefined;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly isOptional: boolean;
}

interface LockEntry {
  version?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  devOptional?: boolean;
  dependencies?: Record<string, string>;
}

/** What the program needs when it runs: everything locked that is not there for development alone. */
export function lockedPackages(root: string): readonly LockedPackage[] {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, LockEntry> };
  return Object.entries(packages).flatMap(([path, entry]) => {
    const { version, integrity, license, dev, optional, devOptional, dependencies = {} } = entry;
    if (path === "" || dev === true || devOptional === true) return [];
    if (version === undefined || integrity === undefined) return [];
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return [
      { path, name, version, integrity, license, dependencies, isOptional: optional === true },
    ];
  });
}

/** The locked package of that name; throws where the lockfile has none. */
export function lockedPackage(root: string, name: string): LockedPackage {
  const found = lockedPackages(root).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`package-lock.json does not pin "${name}"`);
  return found;
}
