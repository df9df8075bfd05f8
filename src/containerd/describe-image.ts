import { StatusError } from "../errors/status-error.ts";
import type { OciImageConfig } from "../images/image-config.ts";
import { parseImageConfig } from "../images/parse-image-config.ts";
import { type Descriptor, parseManifest } from "../images/parse-manifest.ts";
import { hostPlatform, selectPlatform } from "../images/select-platform.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { readDocument } from "./content.ts";

/** What an image record leads to on this machine's platform. */
export interface ImageDescription {
  /** Digest of the config: the image ID. */
  readonly id: string;
  readonly config: Descriptor;
  /** Digests of the indexes, outermost first, and of the manifest. */
  readonly documents: readonly string[];
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
}

const DEEPEST_INDEX = 3;

/** Follows a manifest or index to config and layers. NotFound where a document is not there. */
export async function describeImage(
  client: ContainerdClient,
  target: { mediaType: string; digest: string },
): Promise<ImageDescription> {
  const documents: string[] = [];
  let entry = target;
  while (documents.length <= DEEPEST_INDEX) {
    documents.push(entry.digest);
    const manifest = parseManifest(await readDocument(client, entry.digest), entry.mediaType);
    if (manifest.kind === "image") {
      const { config, layers } = manifest;
      return { id: config.digest, config, documents, layers };
    }
    entry = selectPlatform(manifest.manifests, hostPlatform(process.arch));
  }
  throw new StatusError(
    "InvalidArgument",
    `the indexes of "${target.digest}" are nested too deeply`,
  );
}

export async function readImageConfig(
  client: ContainerdClient,
  { id, layers }: ImageDescription,
): Promise<OciImageConfig> {
  return parseImageConfig(await readDocument(client, id), layers.length);
}
