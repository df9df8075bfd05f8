/** Reads the import statements of the source tree: the raw material of the architecture tests. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export interface SourceFile {
  /** Path from the project's root: `src/cli/context.ts`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The project's file it means; undefined for a package or a Node module. */
  readonly target: string | undefined;
  /** `import type`, which leaves nothing at run time. */
  readonly typeOnly: boolean;
  /** `import("…")` inside a function. */
  readonly dynamic: boolean;
}

export const projectRoot = resolve(import.meta.dirname, "../..");

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\bfrom\s*)?"([^"]+)"/gms;
const DYNAMIC = /\bimport\(\s*"([^"]+)"/g;
const ANY_DYNAMIC = /\bimport\(\s*(?!")/g;

/** Every hand-written TypeScript file below `src` and `bin`. */
export function readSources(): readonly SourceFile[] {
  const paths = globSync("{src,bin}/**/*.ts", { cwd: projectRoot }).sort();
  return paths.filter((path) => !/^src\/(cri|containerd)\/gen\//.test(path)).map(readSource);
}

/** True where some dynamic import's specifier is not a literal: a bundler cannot follow it. */
export function hasNonLiteralImport(file: SourceFile): boolean {
  return withoutComments(file.text).search(ANY_DYNAMIC) !== -1;
}

/** The room a file lives in: the folder below src, and below src/runtime the folder there. */
export function roomOf(path: string): string {
  const parts = path.split("/");
  if (parts[0] !== "src") return parts[0] ?? path;
  if (parts[1] === "runtime") return parts.length > 3 ? `runtime/${parts[2]}` : "runtime";
  return parts.length > 2 ? (parts[1] ?? path) : path;
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(projectRoot, path), "utf8");
  return { path, text, imports: importsOf(path, withoutComments(text)) };
}

function importsOf(path: string, code: string): Import[] {
  const found: Import[] = [];
  for (const [, typeOnly, specifier = ""] of code.matchAll(STATIC)) {
    found.push(toImport(path, specifier, typeOnly !== undefined, false));
  }
  for (const [, specifier = ""] of code.matchAll(DYNAMIC)) {
    found.push(toImport(path, specifier, isTypeQuery(code, specifier), true));
  }
  return found;
}

/** `typeof import("x")` and `import("x").Name` name a type and load nothing. */
function isTypeQuery(code: string, specifier: string): boolean {
  const uses = code.split(`import("${specifier}")`);
  return uses.slice(0, -1).every((before, index) => {
    const after = uses[index + 1] ?? "";
    return /typeof\s+$/.test(before) || (/^\.\w/.test(after) && !/^\.then\b/.test(after));
  });
}

function toImport(path: string, specifier: string, typeOnly: boolean, dynamic: boolean): Import {
  const target = specifier.startsWith(".")
    ? relative(projectRoot, resolve(projectRoot, dirname(path), specifier))
    : undefined;
  return { specifier, target, typeOnly, dynamic };
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}
