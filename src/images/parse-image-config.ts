import { StatusError } from "../errors/status-error.ts";
import { isDigest } from "./digest.ts";
import type { OciImageConfig } from "./image-config.ts";
import { parseObject } from "./parse-manifest.ts";

/** Reads an image's config (image-spec, config.md). InvalidArgument for one that no runtime can use. */
export function parseImageConfig(bytes: Uint8Array, layerCount: number): OciImageConfig {
  const config = parseObject(bytes);
  const { os, architecture, rootfs } = config;
  const isLinux = os === undefined || os === "" || os === "linux";
  if (!isLinux) {
    throw new StatusError("InvalidArgument", `the image is for "${String(os)}", not for linux`);
  }
  const diffIds = diffIdsOf(rootfs);
  if (diffIds.length !== layerCount) {
    throw new StatusError(
      "InvalidArgument",
      `the image's config names ${diffIds.length} layers, its manifest ${layerCount}`,
    );
  }
  return {
    ...(config as Partial<OciImageConfig>),
    os: "linux",
    architecture: typeof architecture === "string" ? architecture : "",
    rootfs: { type: "layers", diff_ids: diffIds },
  };
}

function diffIdsOf(rootfs: unknown): string[] {
  const ids =
    typeof rootfs === "object" && rootfs !== null && "diff_ids" in rootfs ? rootfs.diff_ids : [];
  const list: unknown[] = Array.isArray(ids) ? ids : [];
  const digests = list.filter((id): id is string => typeof id === "string" && isDigest(id));
  if (digests.length !== list.length) {
    throw new StatusError("InvalidArgument", "the image's config has a malformed diff ID");
  }
  return digests;
}
