import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "./execute.ts";
import type { BuiltExecutable, ReleaseParts } from "./release-parts.ts";
import { openStage, type Stage, sizeKiB } from "./stage.ts";

/** What the embedded runtime starts. Without them crish still speaks to every CRI socket. */
export const RECOMMENDED = [
  "catatonit",
  "conmon",
  "containernetworking-plugins",
  "iproute2",
  "iptables",
  "runc",
];
const MAINTAINER = "crish maintainers <maintainers@crish.invalid>";
const DOCUMENTS = "usr/share/doc/crish";

/** Writes `crish_VERSION_ARCHITECTURE.deb` into the directory and gives its name. */
export function buildDebianPackage(
  parts: ReleaseParts,
  { target, path }: BuiltExecutable,
  directory: string,
): string {
  const architecture = target.debianArchitecture;
  if (architecture === undefined) throw new Error(`Debian has no "${target.name}"`);
  const name = `crish_${parts.identity.version}_${architecture}.deb`;
  const work = mkdtempSync(join(tmpdir(), "crish-deb-"));
  try {
    const stage = openStage(join(work, "crish"));
    stage.write("usr/bin/crish", readFileSync(path), 0o755);
    writeTexts(stage, parts);
    writeControl(stage, parts, architecture);
    stage.date(parts.identity.time);
    execute(
      "dpkg-deb",
      // The fast preset: another minute of work would save a tenth. One thread, so that the bytes
      // do not depend on how many processors built it.
      ["--root-owner-group", "-Zxz", "-z1", "--threads-max=1", "--build", stage.directory].concat(
        join(directory, name),
      ),
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(parts.identity.time) } },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return name;
}

function writeTexts(stage: Stage, parts: ReleaseParts): void {
  const { completions, manualPages, identity } = parts;
  for (const { name, section, text } of manualPages) {
    stage.writeCompressed(`usr/share/man/man${section}/${name}`, text);
  }
  stage.write("usr/share/bash-completion/completions/crish", completions.bash);
  stage.write("usr/share/zsh/vendor-completions/_crish", completions.zsh);
  stage.write("usr/share/fish/vendor_completions.d/crish.fish", completions.fish);
  stage.write(`${DOCUMENTS}/copyright`, copyright(identity.time));
  stage.writeCompressed(`${DOCUMENTS}/third-party-licenses`, parts.notices);
  stage.writeCompressed(
    `${DOCUMENTS}/changelog`,
    debianChangelog(identity.version, identity.time, parts.changelog),
  );
  stage.write("usr/share/lintian/overrides/crish", OVERRIDES);
}

function writeControl(stage: Stage, { identity }: ReleaseParts, architecture: string): void {
  const sums = stage
    .files()
    .map((path) => `${md5(readFileSync(join(stage.directory, path)))}  ${path}\n`);
  const installed = sizeKiB(stage);
  stage.write("DEBIAN/md5sums", sums.join(""));
  stage.write(
    "DEBIAN/control",
    `Package: crish
Version: ${identity.version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${installed}
Depends: libc6 (>= 2.17)
Recommends: ${RECOMMENDED.join(", ")}
Suggests: bash-completion, man-db
Section: admin
Priority: optional
Description: ${DESCRIPTION}`,
  );
}

const DESCRIPTION = `command line, shell and runtime for the Container Runtime Interface
 crish speaks the Kubernetes Container Runtime Interface (CRI) to containerd,
 CRI-O and other runtimes, with the verbs and flags of crictl and an
 interactive shell.
 .
 Where no socket answers, its embedded runtime manages pods, containers and
 images itself, with runc under conmon and CNI networks; the recommended
 packages are what that needs. "crish serve" exposes it as a CRI socket.
`;

/** Why the rules of Debian's own packages do not fit one that was built elsewhere as one file. */
const OVERRIDES = `# The program is the runtime with the compiled sources behind it: stripping would cut those off.
crish: unstripped-binary-or-object [usr/bin/crish]
# Bun brings its own copies of these.
crish: embedded-library *
# Bun's executables are linked like this.
crish: hardening-no-bindnow [usr/bin/crish]
crish: hardening-no-pie [usr/bin/crish]
crish: hardening-no-relro [usr/bin/crish]
# Words of the libraries within.
crish: spelling-error-in-binary *
`;

function copyright(time: number): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: crish
Comment: Licences of the libraries and the runtime within the executable are in
 ${`/${DOCUMENTS}`}/third-party-licenses.gz.

Files: *
Copyright: ${new Date(time * 1000).getUTCFullYear()} the crish authors
License: Apache-2.0

License: Apache-2.0
 On Debian systems the text of the Apache License, Version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;
}

function debianChangelog(version: string, time: number, changelog: string): string {
  const points = changelog.split(/^## .*$/m)[1] ?? "";
  const lines = points
    .replaceAll(/\n {2,}/g, " ")
    .split("\n")
    .filter((line) => line.startsWith("- "))
    .map((line) => wrapped(line.slice(2)));
  const date = new Date(time * 1000).toUTCString().replace("GMT", "+0000");
  const body = lines.length === 0 ? "  * Release." : lines.join("\n");
  return `crish (${version}) unstable; urgency=medium\n\n${body}\n\n -- ${MAINTAINER}  ${date}\n`;
}

/** One point of a Debian changelog, in lines of at most 80 characters. */
function wrapped(text: string): string {
  const lines = text.match(/\S.{0,74}(?=\s|$)/g) ?? [];
  return `  * ${lines.join("\n    ")}`;
}

function md5(data: Buffer): string {
  return createHash("md5").update(data).digest("hex");
}
