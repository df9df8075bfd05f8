import { StatusError } from "../errors/status-error.ts";
import type { Descriptor, Platform } from "./parse-manifest.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  arm64: "arm64",
  arm: "arm",
  ppc64: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
  loong64: "loong64",
};

/** What this processor runs, in Go's words; `architecture` is Node's `process.arch`. */
export function hostPlatform(architecture: string): Platform {
  return {
    os: "linux",
    architecture: ARCHITECTURES[architecture] ?? architecture,
    variant: architecture === "arm" ? "v7" : "",
  };
}

/**
 * The entry of an index that fits best: the host's own architecture, then older ones it also runs.
 * Entries without a platform fit where nothing else does. NotFound lists what there is.
 */
export function selectPlatform(manifests: readonly Descriptor[], host: Platform): Descriptor {
  for (const wanted of acceptedPlatforms(host)) {
    const found = manifests.find(
      ({ platform }) => platform !== undefined && fits(platform, wanted),
    );
    if (found !== undefined) return found;
  }
  const plain = manifests.find(({ platform }) => platform === undefined);
  if (plain !== undefined) return plain;
  const offered = manifests.map(({ platform }) => formatPlatform(platform));
  throw new StatusError(
    "NotFound",
    `the image has nothing for ${formatPlatform(host)}, only for ${[...new Set(offered)].join(", ") || "nothing"}`,
  );
}

export function formatPlatform(platform: Platform | undefined): string {
  if (platform === undefined) return "unknown";
  const { os, architecture, variant } = platform;
  return variant === "" ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Best first. The variant `*` stands for any. */
function acceptedPlatforms(host: Platform): Platform[] {
  const { os, architecture, variant } = host;
  const of = (name: string, variants: readonly string[]) =>
    variants.map((each) => ({ os, architecture: name, variant: each }));
  switch (architecture) {
    case "arm64":
      return [...of("arm64", ["", "v8", "*"]), ...of("arm", ["v8", "v7", "v6", "v5"])];
    case "arm": {
      const variants = ["v8", "v7", "v6", "v5"];
      return of("arm", [...variants.slice(Math.max(0, variants.indexOf(variant))), ""]);
    }
    case "amd64":
      // v2 and later need instructions that not every amd64 processor has.
      return [...of("amd64", ["", "v1"]), ...of("386", [""])];
    default:
      return of(architecture, [variant, "", "*"]);
  }
}

function fits(platform: Platform, wanted: Platform): boolean {
  return (
    platform.os === wanted.os &&
    platform.architecture === wanted.architecture &&
    (wanted.variant === "*" || platform.variant === wanted.variant)
  );
}
