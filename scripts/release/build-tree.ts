import {
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { lockedPackages } from "./lockfile.ts";
import type { SourceIdentity } from "./source-identity.ts";
import type { Target } from "./targets.ts";

/**
 * The one directory that executables are built in. Bundled modules carry the path they were read
 * from, so the same commit gives the same bytes only at the same place.
 */
export const BUILD_TREE = "/tmp/crish-build";
const OWNER = join(BUILD_TREE, ".owner");
/** There while one process looks whether the place may be taken over. */
const TAKEOVER = `${BUILD_TREE}.takeover`;
const SOURCES = ["bin", "src", "package.json", "tsconfig.json"];
const PATIENCE_MS = 10 * 60_000;
const POLL_MS = 200;

/**
 * Copies the sources and what they import to the fixed place and calls `build` there. One build at a
 * time has the place; another waits for it, and takes it over from one that died.
 */
export function inBuildTree<T>(root: string, build: (tree: string) => T): T {
  takePlace();
  try {
    for (const name of SOURCES) copy(root, name);
    for (const { path, isOptional } of lockedPackages(root)) {
      if (!isOptional) copy(root, path);
    }
    return build(BUILD_TREE);
  } finally {
    rmSync(BUILD_TREE, { recursive: true, force: true });
  }
}

/** Puts what is known of this build in place of src/cli/version.ts, which only knows the version. */
export function writeBuildFacts(tree: string, identity: SourceIdentity, target?: Target): void {
  const facts = [
    ["CRISH_VERSION", "string", identity.version],
    ["CRISH_COMMIT", "string | undefined", identity.commit],
    ["CRISH_TARGET", "string | undefined", target?.name],
  ] as const;
  const lines = facts.map(
    ([name, type, value]) => `export const ${name}: ${type} = ${JSON.stringify(value)};\n`,
  );
  writeFileSync(join(tree, "src/cli/version.ts"), lines.join(""));
}

function copy(root: string, name: string): void {
  const to = join(BUILD_TREE, name);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, name), to, { recursive: true, preserveTimestamps: true });
}

function takePlace(): void {
  const patientUntil = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      // Made with this very call or not at all: nobody else can have put anything into it.
      mkdirSync(BUILD_TREE, { mode: 0o700 });
      writeFileSync(OWNER, String(process.pid));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const present = lstatSync(BUILD_TREE, { throwIfNoEntry: false });
    if (present === undefined) continue;
    if (!present.isDirectory() || present.uid !== process.getuid?.()) {
      throw new Error(`"${BUILD_TREE}" is not a directory of this user: remove it`);
    }
    if (Date.now() > patientUntil) {
      throw new Error(`"${BUILD_TREE}" is in use: remove it, and "${TAKEOVER}", if nothing builds`);
    }
    removeAbandoned();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

/** One process at a time looks and removes: a second one must not remove what the first made anew. */
function removeAbandoned(): void {
  try {
    mkdirSync(TAKEOVER, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  try {
    if (isAbandoned()) rmSync(BUILD_TREE, { recursive: true, force: true });
  } finally {
    rmdirSync(TAKEOVER);
  }
}

/** Whether the process that has the place is gone. One that has just begun has not written its ID yet. */
function isAbandoned(): boolean {
  try {
    process.kill(Number(readFileSync(OWNER, "utf8")) || process.pid, 0);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return true;
    const madeAt = statSync(BUILD_TREE, { throwIfNoEntry: false })?.mtimeMs;
    return code === "ENOENT" && madeAt !== undefined && Date.now() - madeAt > 60_000;
  }
}
