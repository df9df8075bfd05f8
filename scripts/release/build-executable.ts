import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { inBuildTree, writeBuildFacts } from "./build-tree.ts";
import { execute } from "./execute.ts";
import { joinStart } from "./join-start.ts";
import { lockedPackage } from "./lockfile.ts";
import { unpackedArchive } from "./npm-archive.ts";
import { sourceIdentity } from "./source-identity.ts";
import { splitCodecs } from "./split-codecs.ts";
import { hostTarget, type Target } from "./targets.ts";

/**
 * --splitting: without it every node module that any file imports is loaded at start, 12 ms of them.
 * --no-compile-autoload-*: without them the program would load `.env` and run `bunfig.toml` of
 * whatever directory it is started in: it runs as root. --compile-jit-policy: what runs once at start
 * is not compiled, which saves a tenth of a short command; src/host/normal-jit.ts ends it. The file of
 * --bytecode-order, which test/bench/record-bytecode-order.ts makes, puts the bytecode of usual commands
 * together, so that less is read. koffi is what Node needs and Bun does not.
 */
const OPTIONS = [
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--splitting",
  "--compile-jit-policy=100",
  "--external=koffi",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-tsconfig",
  "--no-compile-autoload-package-json",
];

export interface ExecutableToBuild {
  readonly target: Target;
  /** Replaced in one step, so that one that runs is neither busy nor half written. Never strip it. */
  readonly output: string;
}

/** Builds executables of the checkout at `root`, each from its target's own pinned Bun. */
export function buildExecutables(root: string, wanted: readonly ExecutableToBuild[]): void {
  const identity = sourceIdentity(root);
  const builder = runtimeFor(root, hostTarget());
  const runtimes = wanted.map(({ target }) => runtimeFor(root, target));
  inBuildTree(root, (tree) => {
    joinStart(tree);
    splitCodecs(tree);
    for (const [index, { target, output }] of wanted.entries()) {
      writeBuildFacts(tree, identity, target);
      const args = [
        "build",
        ...OPTIONS,
        `--bytecode-order=${join(root, "scripts/release/bytecode-order.txt")}`,
        `--target=bun-${target.name}`,
        `--compile-executable-path=${runtimes[index]}`,
        "bin/crish.ts",
        "--outfile=crish",
      ];
      // Nothing of the caller's environment: variables and a bunfig.toml at home change what Bun does.
      execute(builder, args, { cwd: tree, env: { HOME: tree, TMPDIR: tree } });
      place(join(tree, "crish"), output);
    }
  });
}

/** The Bun that an executable for `target` is made of. npm installs this machine's alone. */
function runtimeFor(root: string, target: Target): string {
  const { name, version, integrity } = lockedPackage(root, target.bunPackage);
  const installed = join(root, "node_modules", name);
  if (existsSync(installed) && versionOf(installed) === version) return join(installed, "bin/bun");
  const cache = resolve(root, ".cache/npm");
  return join(unpackedArchive({ name, version, integrity }, cache), "bin/bun");
}

function versionOf(directory: string): unknown {
  const text = readFileSync(join(directory, "package.json"), "utf8");
  return (JSON.parse(text) as { version: unknown }).version;
}

function place(from: string, output: string): void {
  const unfinished = join(dirname(output), `.crish-unfinished-${process.pid}`);
  mkdirSync(dirname(output), { recursive: true });
  try {
    // Written, and not copied by the kernel: so it lies in larger pieces in the page cache, and a start is
    // 5 % quicker, as it is where a package was unpacked.
    writeFileSync(unfinished, readFileSync(from));
    chmodSync(unfinished, 0o755);
    renameSync(unfinished, output);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
