import { hasCode, StatusError } from "../errors/status-error.ts";
import type { ImageContent } from "./image-content.ts";
import { INDEX_TYPES, MANIFEST_TYPES } from "./media-types.ts";
import { type Descriptor, type Platform, parseManifest } from "./parse-manifest.ts";
import { formatPlatform, selectPlatform } from "./select-platform.ts";

/** Everything that one image is made of, as far as it is here. */
export interface ImageTree {
  /** What stands for it: an index where all that it names is here, else one manifest. */
  readonly top: ImageDocument;
  /** Manifests and indexes, each behind what it names: `top` is the last. */
  readonly documents: readonly ImageDocument[];
  /** One for every manifest. */
  readonly images: readonly ManifestContent[];
  /** Platforms of its index that are not here; then `top` is a manifest in place of the index. */
  readonly missingPlatforms: readonly string[];
}

export interface ImageDocument {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer<ArrayBuffer>;
}

export interface ManifestContent {
  readonly digest: string;
  readonly platform: Platform | undefined;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
}

const DEEPEST_INDEX = 3;

/**
 * Reads a manifest or index and finds what it names. Of an index that is here in part only, the
 * manifest that fits this host best stands for the image. NotFound names what is not here.
 */
export async function readImageTree(
  content: ImageContent,
  top: { digest: string; mediaType?: string | undefined },
  host: Platform,
): Promise<ImageTree> {
  const entry = {
    digest: top.digest,
    mediaType: top.mediaType ?? "",
    sizeBytes: 0,
    annotations: {},
  };
  return await readEntry(content, { entry, host, depth: 0 });
}

/** Every config and layer, each once. */
export function blobsOf(trees: readonly ImageTree[]): Descriptor[] {
  const blobs = trees.flatMap(({ images }) =>
    images.flatMap(({ config, layers }) => [...layers, config]),
  );
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

interface Place {
  readonly entry: Descriptor;
  readonly host: Platform;
  readonly depth: number;
}

async function readEntry(content: ImageContent, place: Place): Promise<ImageTree> {
  const { entry, depth } = place;
  if (depth > DEEPEST_INDEX) {
    throw new StatusError("InvalidArgument", "the image's indexes are nested too deeply");
  }
  const bytes = Buffer.from(await content.read(entry.digest));
  const manifest = parseManifest(bytes, entry.mediaType);
  const types = manifest.kind === "index" ? INDEX_TYPES : MANIFEST_TYPES;
  const mediaType = mediaTypeOf(bytes) ?? (entry.mediaType || (types[0] ?? ""));
  const document = { digest: entry.digest, mediaType, bytes };
  if (manifest.kind === "index")
    return await readIndex(content, place, { document, manifests: manifest.manifests });
  for (const blob of [manifest.config, ...manifest.layers]) await findBlob(content, blob);
  const { config, layers } = manifest;
  const image = { digest: entry.digest, platform: entry.platform, config, layers };
  return { top: document, documents: [document], images: [image], missingPlatforms: [] };
}

async function readIndex(
  content: ImageContent,
  { host, depth }: Place,
  { document, manifests }: { document: ImageDocument; manifests: readonly Descriptor[] },
): Promise<ImageTree> {
  const found = new Map<Descriptor, ImageTree>();
  let failure: unknown;
  for (const entry of manifests) {
    try {
      found.set(entry, await readEntry(content, { entry, host, depth: depth + 1 }));
    } catch (error) {
      if (!hasCode(error, "NotFound")) throw error;
      failure ??= error;
    }
  }
  if (found.size === 0) throw failure ?? new StatusError("NotFound", "the image's index is empty");
  const trees = [...found.values()];
  const isWhole = trees.every(({ missingPlatforms }) => missingPlatforms.length === 0);
  if (failure === undefined && isWhole) {
    const documents = [...trees.flatMap((tree) => tree.documents), document];
    return {
      top: document,
      documents: [...new Map(documents.map((each) => [each.digest, each])).values()],
      images: trees.flatMap(({ images }) => images),
      missingPlatforms: [],
    };
  }
  const chosen = found.get(selectPlatform([...found.keys()], host));
  if (chosen === undefined) throw failure;
  const missing = manifests.filter((entry) => !found.has(entry)).map(nameOf);
  return { ...chosen, missingPlatforms: [...missing, ...chosen.missingPlatforms] };
}

async function findBlob(content: ImageContent, { digest, sizeBytes }: Descriptor): Promise<void> {
  const present = await content.find(digest);
  if (present === sizeBytes) return;
  throw new StatusError("NotFound", `the image's content "${digest}" is not here`, {
    hint: "pull or load the image again",
  });
}

/** Build tools add entries that describe the others, for no platform. */
function nameOf({ platform, annotations }: Descriptor): string {
  return annotations["vnd.docker.reference.type"] === "attestation-manifest"
    ? "attestation"
    : formatPlatform(platform);
}

function mediaTypeOf(bytes: Buffer): string | undefined {
  const body = JSON.parse(bytes.toString("utf8")) as { mediaType?: unknown };
  return typeof body.mediaType === "string" && body.mediaType !== "" ? body.mediaType : undefined;
}
