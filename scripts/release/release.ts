/**
 * Makes the release folder: executables, packages for Debian and npm, manual pages, completions, the
 * bill of materials and checksums. `release.ts [--target NAME…] [--output DIRECTORY]`.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildExecutables } from "./build-executable.ts";
import { buildDebianPackage } from "./debian-package.ts";
import { buildNpmPackages } from "./npm-packages.ts";
import { readArguments, UsageError } from "./read-arguments.ts";
import { type BuiltExecutable, collectParts, type ReleaseParts } from "./release-parts.ts";
import { softwareBillOfMaterials } from "./sbom.ts";
import { sourceIdentity } from "./source-identity.ts";
import { openStage } from "./stage.ts";
import { hostTarget, TARGETS, targetsNamed } from "./targets.ts";

/** Of a release that was begun, and of a whole one. */
const MARKS = /^(SHA256SUMS|crish-\d.*-linux-.*)$/;

const root = resolve(import.meta.dirname, "../..");
const { output, targets } = readArguments(() => {
  const { values } = parseArgs({
    options: { target: { type: "string", multiple: true }, output: { type: "string" } },
  });
  const named = values.target === undefined ? TARGETS : targetsNamed(values.target);
  const directory = resolve(values.output ?? join(root, "dist/release"));
  refuseForeign(directory);
  return { output: directory, targets: named };
});

// An earlier release.
rmSync(output, { recursive: true, force: true });
const work = mkdtempSync(join(tmpdir(), "crish-release-"));
try {
  const { version } = sourceIdentity(root);
  const executables = targets.map((target) => ({
    target,
    path: join(output, `crish-${version}-${target.name}`),
  }));
  const native = join(work, "crish");
  buildExecutables(root, [
    ...executables.map(({ target, path }) => ({ target, output: path })),
    { target: hostTarget(), output: native },
  ]);
  writeRelease(collectParts(root, executables, native));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** An earlier release may go; a directory that is none is somebody's own. */
function refuseForeign(directory: string): void {
  const present = existsSync(directory) ? readdirSync(directory) : [];
  if (present.length === 0 || present.some((name) => MARKS.test(name))) return;
  throw new UsageError(
    `"${directory}" holds something other than a release: name another with --output`,
  );
}

function writeRelease(parts: ReleaseParts): void {
  const stage = openStage(output);
  const { identity, completions, manualPages, executables } = parts;
  for (const { name, text } of manualPages) stage.write(`man/${name}`, text);
  stage.write("completions/bash/crish", completions.bash);
  stage.write("completions/zsh/_crish", completions.zsh);
  stage.write("completions/fish/crish.fish", completions.fish);
  stage.write("THIRD-PARTY-LICENSES", parts.notices);
  stage.write(`crish-${identity.version}.cdx.json`, softwareBillOfMaterials(parts));
  for (const executable of executables.filter(hasDebian)) {
    buildDebianPackage(parts, executable, output);
  }
  mkdirSync(join(output, "npm"));
  buildNpmPackages(parts, join(output, "npm"));
  const sums = stage.files().map((path) => {
    const digest = createHash("sha256")
      .update(readFileSync(join(output, path)))
      .digest("hex");
    return `${digest}  ${path}\n`;
  });
  stage.write("SHA256SUMS", sums.join(""));
  stage.date(identity.time);
  process.stdout.write(
    `${output}: ${sums.length} files for ${targets.map(({ name }) => name).join(", ")}\n`,
  );
}

function hasDebian({ target }: BuiltExecutable): boolean {
  return target.debianArchitecture !== undefined;
}
