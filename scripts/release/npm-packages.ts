import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildJavaScript } from "./build-javascript.ts";
import { execute } from "./execute.ts";
import type { BuiltExecutable, ReleaseParts } from "./release-parts.ts";
import { openStage, type Stage } from "./stage.ts";
import { TARGETS, type Target } from "./targets.ts";

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

/**
 * Writes the packages for npm into the directory and gives their file names: one per executable, with
 * `bin` linked straight to it, and the root package `crish`, which names those as optional and
 * carries the program as JavaScript for Node. None has an install script.
 */
export function buildNpmPackages(parts: ReleaseParts, directory: string): string[] {
  const text = readFileSync(join(parts.root, "package.json"), "utf8");
  const manifest = JSON.parse(text) as Manifest;
  return [
    ...parts.executables.map((executable) =>
      pack(parts, directory, (stage) => writePlatformPackage(stage, parts, manifest, executable)),
    ),
    pack(parts, directory, (stage) => writeRootPackage(stage, parts, manifest)),
  ];
}

function pack(parts: ReleaseParts, directory: string, fill: (stage: Stage) => void): string {
  const work = mkdtempSync(join(tmpdir(), "crish-npm-"));
  try {
    const stage = openStage(work);
    fill(stage);
    stage.write("LICENSE", parts.license);
    for (const { name, text } of parts.manualPages) stage.write(`man/${name}`, text);
    const options = ["--silent", "--ignore-scripts", "--pack-destination", directory];
    const name = execute("npm", ["pack", ...options], { cwd: work })
      .toString()
      .trim();
    chmodSync(join(directory, name), 0o644);
    return name;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function writePlatformPackage(
  stage: Stage,
  { notices, manualPages }: ReleaseParts,
  { version, license }: Manifest,
  { target, path }: BuiltExecutable,
): void {
  stage.write("bin/crish", readFileSync(path), 0o755);
  stage.write("THIRD-PARTY-LICENSES", notices);
  stage.write(
    "README.md",
    `# ${packageName(target)}\n\nThe executable of crish for ${target.name}.\n`,
  );
  writeManifest(stage, {
    name: packageName(target),
    version,
    description: `crish for ${target.name}: one executable that needs no Node`,
    license,
    os: ["linux"],
    cpu: [target.cpu],
    libc: [target.libc],
    bin: { crish: "bin/crish" },
    man: manualPages.map(({ name }) => `man/${name}`),
    preferUnplugged: true,
  });
}

function writeRootPackage(stage: Stage, parts: ReleaseParts, manifest: Manifest): void {
  const { version, description, license, engines, dependencies, optionalDependencies } = manifest;
  for (const [path, data] of buildJavaScript(parts.root)) stage.write(`lib/${path}`, data);
  stage.write("bin/crish", readFileSync(join(import.meta.dirname, "npm-launcher.sh")), 0o755);
  stage.write("lib/crish-node.js", readFileSync(join(import.meta.dirname, "npm-node.js")), 0o755);
  stage.write("README.md", readFileSync(join(parts.root, "README.md")));
  const { koffi } = optionalDependencies;
  writeManifest(stage, {
    name: "crish",
    version,
    description,
    license,
    type: "module",
    engines,
    os: ["linux"],
    bin: { crish: "bin/crish", "crish-node": "lib/crish-node.js" },
    man: parts.manualPages.map(({ name }) => `man/${name}`),
    dependencies,
    optionalDependencies: {
      ...Object.fromEntries(TARGETS.map((target) => [packageName(target), version])),
      ...(koffi === undefined ? {} : { koffi }),
    },
  });
}

/** Sorted before "crish", so that of two `bin` in one place npm links the executable. */
function packageName({ name }: Target): string {
  return `@crish/${name}`;
}

function writeManifest(stage: Stage, manifest: object): void {
  stage.write("package.json", `${JSON.stringify(manifest, undefined, 2)}\n`);
}
