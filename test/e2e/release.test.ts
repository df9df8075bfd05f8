import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, describe, it } from "node:test";
import { RECOMMENDED } from "../../scripts/release/debian-package.ts";
import { lockedPackages } from "../../scripts/release/lockfile.ts";
import { unpackedArchive } from "../../scripts/release/npm-archive.ts";
import { sourceIdentity } from "../../scripts/release/source-identity.ts";
import { hostTarget } from "../../scripts/release/targets.ts";
import { CACHE, cloneCheckout } from "../support/checkout.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type Schema, schemaFaults } from "../support/json-schema.ts";
import { makeRelease, releaseInto } from "../support/release.ts";
import { runOk } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** What others depend on and nothing of which runs. */
const ONLY_TYPES = ["@types/node", "type-fest", "undici-types"];
/** Carries the schemas that the makers of CycloneDX publish. */
const SCHEMAS = {
  name: "@cyclonedx/cyclonedx-library",
  version: "10.3.0",
  integrity:
    "sha512-RIT28sp1U0PCHaaeF3yNRwk6Jig/XJ8UsYAVOMYaHQ+0VVOvsjcp0PTWQFLUqJFF8XMud+Kdq6G+wtDAh+QJFA==",
};

interface Bill {
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly {
    readonly "bom-ref": string;
    readonly name: string;
    readonly version?: string;
    readonly purl?: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    readonly licenses?: readonly unknown[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: string[] }[];
}

describe("the release folder", () => {
  const cleanup = cleanupAfter();
  let release: string;
  let version: string;
  before(async () => {
    release = await makeRelease(cleanup);
    const text = readFileSync(join(ROOT, "package.json"), "utf8");
    version = (JSON.parse(text) as { version: string }).version;
  });

  it("has executables, packages, manual pages, completions and the bill of materials", () => {
    const found = new Set(globSync("**", { cwd: release }));
    const { name, debianArchitecture } = hostTarget();
    for (const expected of [
      `crish-${version}-${name}`,
      `crish_${version}_${debianArchitecture}.deb`,
      `crish-${version}.cdx.json`,
      `npm/crish-${version}.tgz`,
      `npm/crish-${name}-${version}.tgz`,
      "man/crish.1",
      "completions/bash/crish",
      "completions/zsh/_crish",
      "completions/fish/crish.fish",
      "THIRD-PARTY-LICENSES",
      "SHA256SUMS",
    ]) {
      assert.ok(found.has(expected), `${expected} is missing`);
    }
  });

  it("has a checksum for every file, and each is right", async () => {
    const { stdout } = await runOk("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: release });
    const checked = stdout.split("\n").filter((line) => line.endsWith(": OK"));
    const files = globSync("**/*", { cwd: release, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    assert.equal(checked.length, files.length - 1);
  });

  it("is the same to the last byte from another checkout of the commit", async () => {
    const directory = await temporaryDirectory(cleanup, "release");
    const other = join(directory, "other release");
    await releaseInto(other, await cloneCheckout(join(directory, "another checkout")), "077");
    // Where files differ from the commit, it is that commit's own release that is compared.
    let first = release;
    if (sourceIdentity(ROOT).commit.endsWith("-dirty")) {
      first = join(directory, "first release");
      await releaseInto(first, await cloneCheckout(join(directory, "a")));
    }
    const sums = (path: string) => readFileSync(join(path, "SHA256SUMS"), "utf8");
    assert.equal(sums(other), sums(first));
    const modes = (path: string) =>
      globSync("**/*", { cwd: path }).map((name) => `${name} ${statSync(join(path, name)).mode}`);
    assert.deepEqual(modes(other).sort(), modes(first).sort());
  });

  it("has a bill of materials that CycloneDX's own schema accepts", () => {
    const schemas = join(unpackedArchive(SCHEMAS, join(CACHE, "npm")), "res/schema");
    const library = new Map(
      ["bom-1.6", "spdx", "jsf-0.82"].map((name) => [
        `${name}.SNAPSHOT.schema.json`,
        JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), "utf8")) as Schema,
      ]),
    );
    const base = "bom-1.6.SNAPSHOT.schema.json";
    assert.deepEqual(schemaFaults(bill(), base, library), []);
    // The check finds faults where there are some.
    const { components } = bill();
    assert.notDeepEqual(schemaFaults({ ...bill(), specVersion: 2 }, base, library), []);
    const wrong = { ...bill(), components: [...components, { ...components[0], type: "sheep" }] };
    assert.notDeepEqual(schemaFaults(wrong, base, library), []);
  });

  it("lists what is compiled in, with hashes and licences, and what depends on what", () => {
    const { components, dependencies, metadata } = bill();
    assert.equal(metadata.component.version, version);
    const notices = readFileSync(join(release, "THIRD-PARTY-LICENSES"), "utf8");
    for (const locked of lockedPackages(ROOT)) {
      if (locked.isOptional) continue;
      const purlEnd = `${locked.name.replace("@", "%40")}@${locked.version}`;
      const component = components.find(({ purl }) => purl === `pkg:npm/${purlEnd}`);
      const isThere = !ONLY_TYPES.includes(locked.name);
      assert.equal(notices.includes(`\n${locked.name} ${locked.version} (`), isThere, locked.name);
      if (!isThere) {
        assert.equal(component, undefined, locked.name);
        continue;
      }
      assert.ok(component, `${locked.name} is missing`);
      assert.equal(component.hashes?.[0]?.content.length, 128, locked.name);
      assert.equal(component.licenses?.length, 1, locked.name);
    }
    assert.ok(
      components.some(({ name }) => name === "bun-linux-x64" || name === "bun-linux-aarch64"),
    );
    const references = new Set(components.map((component) => component["bom-ref"]));
    assert.equal(references.size, components.length);
    for (const { dependsOn } of dependencies) {
      for (const reference of dependsOn) assert.ok(references.has(reference), reference);
    }
  });

  it("has a Debian package owned by root, without a file that anyone else may write", async () => {
    const { stdout } = await runOk("dpkg-deb", ["-c", debianPackage()]);
    for (const line of stdout.trim().split("\n")) {
      assert.match(line, /^(-rwxr-xr-x|-rw-r--r--|drwxr-xr-x) root\/root /);
    }
    for (const path of [
      "/usr/bin/crish",
      "/usr/share/man/man1/crish.1.gz",
      "/usr/share/bash-completion/completions/crish",
      "/usr/share/zsh/vendor-completions/_crish",
      "/usr/share/fish/vendor_completions.d/crish.fish",
      "/usr/share/doc/crish/copyright",
      "/usr/share/doc/crish/changelog.gz",
      "/usr/share/doc/crish/third-party-licenses.gz",
    ]) {
      assert.ok(stdout.includes(` .${path}\n`), `${path} is missing`);
    }
  });

  it("has a Debian package that needs libc alone, and recommends what the runtime starts", async () => {
    const { stdout } = await runOk("dpkg-deb", ["-f", debianPackage(), "Depends", "Recommends"]);
    assert.match(stdout, /^Depends: libc6 \(>= 2\.17\)$/m);
    assert.match(stdout, new RegExp(`^Recommends: ${RECOMMENDED.join(", ")}$`, "m"));
    const setup = readFileSync(join(ROOT, "scripts/setup.sh"), "utf8");
    const [, line = ""] = /^runtime_packages="(.*)"$/m.exec(setup) ?? [];
    const essential = ["tar", "util-linux"];
    const needed = line.split(" ").filter((name) => !essential.includes(name));
    assert.deepEqual(needed.sort(), [...RECOMMENDED].sort());
  });

  function debianPackage(): string {
    return join(release, `crish_${version}_${hostTarget().debianArchitecture}.deb`);
  }

  function bill(): Bill {
    return JSON.parse(readFileSync(join(release, `crish-${version}.cdx.json`), "utf8")) as Bill;
  }
});
