import { StatusError } from "../errors/status-error.ts";
import { digestOf } from "./digest.ts";
import type { OciImageConfig } from "./image-config.ts";
import { formatTagName, parseImageReference } from "./image-reference.ts";
import { parseImageConfig } from "./parse-image-config.ts";
import { type Descriptor, parseManifest } from "./parse-manifest.ts";
import type { ArchiveParts, StoredPart } from "./read-archive.ts";
import { hostPlatform, selectPlatform } from "./select-platform.ts";

/** One image of an archive, its blobs in the store. */
export interface ArchivedImage {
  readonly id: string;
  readonly configBytes: Buffer;
  readonly config: OciImageConfig;
  /** Lowest first. */
  readonly layers: readonly StoredPart[];
  /** Normalised; empty where the archive names none. */
  readonly tags: readonly string[];
  /** Digests of index and manifest; none in an archive of docker-save. */
  readonly documents: readonly string[];
  /** What the archive names: a manifest, or an index that has one; none in one of docker-save. */
  readonly top: Descriptor | undefined;
}

/** The whole of a blob in the store, verified. */
export type ReadBlob = (digest: string) => Promise<Buffer>;

const DEEPEST_INDEX = 3;
/** Where tools write the name: containerd and Docker the first, skopeo and others the second. */
const NAME_ANNOTATIONS = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/** Finds the images of an archive. InvalidArgument for one that holds none or lacks a part. */
export async function resolveArchive(
  parts: ArchiveParts,
  readBlob: ReadBlob,
): Promise<ArchivedImage[]> {
  const index = parts.documents.get("index.json");
  if (index !== undefined) return await resolveLayout(parts, readBlob, index);
  const manifest = parts.documents.get("manifest.json");
  if (manifest !== undefined) return await resolveDockerArchive(parts, readBlob, manifest);
  throw new StatusError("InvalidArgument", "the archive holds no image", {
    hint: "it is neither an OCI layout (index.json) nor from docker save (manifest.json)",
  });
}

async function resolveLayout(
  parts: ArchiveParts,
  readBlob: ReadBlob,
  bytes: Buffer,
): Promise<ArchivedImage[]> {
  const index = parseManifest(bytes, "application/vnd.oci.image.index.v1+json");
  if (index.kind !== "index" || index.manifests.length === 0) {
    throw new StatusError("InvalidArgument", "the archive's index names no image");
  }
  // Several entries of one name are one image for several platforms.
  const byName = Map.groupBy(index.manifests, nameOf);
  const images: ArchivedImage[] = [];
  for (const [name, entries] of byName) {
    const [only] = entries;
    const entry =
      entries.length === 1 && only !== undefined
        ? only
        : selectPlatform(entries, hostPlatform(process.arch));
    images.push(await resolveEntry({ parts, readBlob }, entry, name));
  }
  return images;
}

async function resolveEntry(
  { parts, readBlob }: { parts: ArchiveParts; readBlob: ReadBlob },
  top: Descriptor,
  tag: string,
): Promise<ArchivedImage> {
  const documents: string[] = [];
  let entry = top;
  while (documents.length <= DEEPEST_INDEX) {
    const document = getPart(parts, blobName(entry.digest));
    documents.push(document.digest);
    const manifest = parseManifest(await readBlob(document.digest), entry.mediaType);
    if (manifest.kind === "index") {
      entry = selectPlatform(manifest.manifests, hostPlatform(process.arch));
      continue;
    }
    const configPart = getPart(parts, blobName(manifest.config.digest));
    const configBytes = await readBlob(configPart.digest);
    return {
      id: manifest.config.digest,
      configBytes,
      config: parseImageConfig(configBytes, manifest.layers.length),
      layers: manifest.layers.map((layer) => getPart(parts, blobName(layer.digest))),
      tags: tag === "" ? [] : [tag],
      documents,
      top,
    };
  }
  throw new StatusError("InvalidArgument", "the archive's indexes are nested too deeply");
}

/** Empty for no name, and for a lone tag, which names nothing by itself. */
function nameOf(entry: Descriptor): string {
  for (const annotation of NAME_ANNOTATIONS) {
    const text = entry.annotations[annotation] ?? "";
    if (/[:/]/.test(text)) return formatTagName(parseImageReference(text)) ?? "";
  }
  return "";
}

async function resolveDockerArchive(
  parts: ArchiveParts,
  readBlob: ReadBlob,
  bytes: Buffer,
): Promise<ArchivedImage[]> {
  const images: ArchivedImage[] = [];
  for (const item of parseDockerManifest(bytes)) {
    const configBytes =
      parts.documents.get(item.config) ?? (await readBlob(getPart(parts, item.config).digest));
    images.push({
      id: digestOf(configBytes),
      configBytes,
      config: parseImageConfig(configBytes, item.layers.length),
      layers: item.layers.map((name) => getPart(parts, name)),
      tags: item.tags.map((tag) => formatTagName(parseImageReference(tag)) ?? tag),
      documents: [],
      top: undefined,
    });
  }
  return images;
}

interface DockerManifestItem {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

function parseDockerManifest(bytes: Buffer): DockerManifestItem[] {
  const malformed = (cause?: unknown) =>
    new StatusError("InvalidArgument", `the archive's "manifest.json" is malformed`, { cause });
  let list: unknown;
  try {
    list = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw malformed(cause);
  }
  if (!Array.isArray(list) || list.length === 0) throw malformed();
  return list.map((item: unknown) => {
    const fields =
      typeof item === "object" && item !== null ? (item as Record<string, unknown>) : {};
    const { Config: config, RepoTags: tags, Layers: layers } = fields;
    if (typeof config !== "string" || !isTexts(layers) || !isTexts(tags ?? [])) throw malformed();
    return { config, layers, tags: isTexts(tags) ? tags : [] };
  });
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function getPart(parts: ArchiveParts, name: string): StoredPart {
  let at = name;
  for (let links = 0; links < 10; links++) {
    const part = parts.blobs.get(at);
    if (part !== undefined) return part;
    const target = parts.links.get(at);
    if (target === undefined) break;
    at = target;
  }
  throw new StatusError("InvalidArgument", `the archive lacks "${name}"`);
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}
