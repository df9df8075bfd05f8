import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type LockedPackage, lockedPackage } from "./lockfile.ts";
import type { BuiltExecutable, ReleaseParts } from "./release-parts.ts";
import { runtimePackages } from "./runtime-packages.ts";

interface Component {
  readonly type: "application" | "library" | "file" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/**
 * The bill of materials of a release in CycloneDX 1.6: the executables, the Bun in each, and every
 * package of the lockfile that runs in them, with the hashes and licences that it pins.
 */
export function softwareBillOfMaterials(parts: ReleaseParts): string {
  const { root, identity, executables } = parts;
  const libraries = [
    ...new Map(runtimePackages(root).map((library) => [purl(library), library])).values(),
  ];
  const runtimes = new Map(
    executables.map(({ target }) => [target.name, lockedPackage(root, target.bunPackage)]),
  );
  const self = `pkg:npm/crish@${identity.version}`;
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${identity.version} ${identity.commit}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(identity.time * 1000).toISOString(),
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": self,
        name: "crish",
        version: identity.version,
        purl: self,
        licenses: [{ license: { id: "Apache-2.0" } }],
        properties: [{ name: "crish:commit", value: identity.commit }],
      },
    },
    components: [
      ...executables.map((executable) => executableComponent(executable)),
      ...[...runtimes.values()].map((runtime) => packageComponent(runtime, "platform")),
      ...libraries.map((library) => packageComponent(library, "library")),
    ],
    dependencies: [
      { ref: self, dependsOn: executables.map(referenceOf) },
      ...executables.map((executable) => ({
        ref: referenceOf(executable),
        dependsOn: [
          ...[runtimes.get(executable.target.name)].flatMap((found) =>
            found ? [purl(found)] : [],
          ),
          ...directDependencies(root, libraries),
        ],
      })),
      ...[...runtimes.values()].map((runtime) => ({ ref: purl(runtime), dependsOn: [] })),
      ...libraries.map((library) => ({
        ref: purl(library),
        dependsOn: dependenciesOf(library, libraries),
      })),
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function executableComponent(executable: BuiltExecutable): Component {
  const digest = createHash("sha256").update(readFileSync(executable.path)).digest("hex");
  return {
    type: "file",
    "bom-ref": referenceOf(executable),
    name: basename(executable.path),
    hashes: [{ alg: "SHA-256", content: digest }],
    licenses: [{ license: { id: "Apache-2.0" } }],
  };
}

function packageComponent(found: LockedPackage, type: "library" | "platform"): Component {
  const [algorithm, content = ""] = found.integrity.split("-", 2);
  const slash = found.name.indexOf("/");
  return {
    type,
    "bom-ref": purl(found),
    ...(slash < 0 ? {} : { group: found.name.slice(0, slash) }),
    name: found.name.slice(slash + 1),
    version: found.version,
    purl: purl(found),
    scope: "required",
    ...(algorithm === "sha512"
      ? { hashes: [{ alg: "SHA-512", content: Buffer.from(content, "base64").toString("hex") }] }
      : {}),
    ...(found.license === undefined ? {} : { licenses: [licenseOf(found.license)] }),
  };
}

/** An identifier of SPDX's list, or an expression of several. */
function licenseOf(license: string): object {
  return /[ ()]/.test(license) ? { expression: license } : { license: { id: license } };
}

function purl({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function referenceOf({ path }: BuiltExecutable): string {
  return `file:${basename(path)}`;
}

function directDependencies(root: string, libraries: readonly LockedPackage[]): string[] {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
    dependencies: Record<string, string>;
  };
  return resolved("", Object.keys(dependencies), libraries);
}

function dependenciesOf(library: LockedPackage, libraries: readonly LockedPackage[]): string[] {
  return resolved(library.path, Object.keys(library.dependencies), libraries);
}

/** As Node resolves: in the package's own node_modules, then in those above it. */
function resolved(
  from: string,
  names: readonly string[],
  libraries: readonly LockedPackage[],
): string[] {
  const found = names.flatMap((name) => {
    for (
      let place = from;
      ;
      place = place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/")))
    ) {
      const path = place === "" ? `node_modules/${name}` : `${place}/node_modules/${name}`;
      const library = libraries.find((one) => one.path === path);
      if (library !== undefined) return [purl(library)];
      if (place === "") return [];
    }
  });
  return [...new Set(found)].sort();
}

/** The same for the same release: a version 8 UUID from a digest. */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return [...parts, hex.slice(20, 32)].join("-");
}
