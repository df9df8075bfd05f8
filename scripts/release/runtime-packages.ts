import { globSync } from "node:fs";
import { join } from "node:path";
import { type LockedPackage, lockedPackages } from "./lockfile.ts";

const CODE = "**/*.{js,mjs,cjs,node,wasm}";

/**
 * The locked packages of which something runs in the program, in the executables or beside the npm
 * package's own files: those that hold nothing but types, which others depend on, are left out.
 */
export function runtimePackages(root: string): readonly LockedPackage[] {
  return lockedPackages(root).filter(
    ({ path, isOptional }) => !isOptional && hasCode(join(root, path)),
  );
}

function hasCode(directory: string): boolean {
  return globSync(CODE, { cwd: directory, exclude: ["node_modules/**"] }).length > 0;
}
