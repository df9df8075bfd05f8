import type { ImageProgress } from "../../cri/image-store.ts";
import { DigestMismatchError } from "../../errors/digest-mismatch-error.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { randomId } from "../../host/random-id.ts";
import { digestOf, toChainIds } from "../../images/digest.ts";
import type { OciImageConfig } from "../../images/image-config.ts";
import {
  formatDigestName,
  formatTagName,
  type ImageReference,
  parseImageReference,
} from "../../images/image-reference.ts";
import { parseImageConfig } from "../../images/parse-image-config.ts";
import { type Descriptor, type Manifest, parseManifest } from "../../images/parse-manifest.ts";
import { hostPlatform, selectPlatform } from "../../images/select-platform.ts";
import { trackProgress } from "../../images/track-progress.ts";
import { withDeadline } from "../../images/with-deadline.ts";
import type { Credentials } from "../../registry/credentials.ts";
import type { FetchedManifest } from "../../registry/fetch-manifest.ts";
import { openRegistry, type Registry } from "../../registry/open-registry.ts";
import type { RegistryPatience } from "../../registry/retry.ts";
import { writeBlob } from "../content/write-blob.ts";
import type { Engine } from "../engine.ts";
import { collectGarbage, endFailed } from "./collect-garbage.ts";
import { getImage } from "./find-image.ts";
import type { ImageRecord } from "./image-record.ts";
import { saveImage } from "./image-store.ts";
import { unpackLayers } from "./unpack-layers.ts";

export interface PullOptions {
  readonly reference: string;
  /** Undefined to come as anybody. */
  readonly credentials?: Credentials | undefined;
  readonly onProgress?: ((progress: ImageProgress) => void) | undefined;
  readonly patience?: RegistryPatience | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole pull; 0 means no limit. */
  readonly timeoutMs?: number | undefined;
}

/** An image as the registry describes it. */
interface ResolvedImage {
  /** Index and manifest, as they came. */
  readonly documents: readonly FetchedManifest[];
  readonly configBytes: Buffer;
  readonly config: OciImageConfig;
  readonly id: string;
  readonly layers: readonly Descriptor[];
}

const LARGEST_CONFIG_BYTES = 8 * 1024 * 1024;
const DEEPEST_INDEX = 3;

/**
 * Pulls an image: fetches what the store lacks and unpacks it. Repeating it is cheap and moves a tag
 * that the registry has moved. Rejects with InvalidArgument (reference), DataLoss (malformed image),
 * RegistryError, DigestMismatchError, DeadlineExceeded, Cancelled, ResourceExhausted; then nothing of
 * it stays.
 */
export async function pullImage(engine: Engine, options: PullOptions): Promise<ImageRecord> {
  const reference = parseImageReference(options.reference);
  return await withDeadline(options, `pulling "${options.reference}"`, async (signal) => {
    const intent = {
      kind: "image-pull",
      subject: randomId(),
      detail: { image: options.reference },
    };
    await engine.intents.begin(intent);
    try {
      const registry = connect(engine, reference, options);
      const image = await resolveImage(registry, reference, signal);
      await fetchLayers(engine, registry, image, { ...options, signal });
      const blobs = await storeDocuments(engine, image, signal);
      const digest = reference.digest ?? image.documents[0]?.digest ?? image.id;
      const tag = formatTagName(reference);
      await engine.intents.end(intent, (db) =>
        saveImage(db, {
          id: image.id,
          sizeBytes: image.layers.reduce(
            (sum, layer) => sum + layer.sizeBytes,
            image.configBytes.length,
          ),
          chainId: toChainIds(image.config.rootfs.diff_ids).at(-1) ?? "",
          config: image.config,
          createdAtNs: engine.now(),
          tags: tag === undefined ? [] : [tag],
          digests: [formatDigestName(reference, digest)],
          blobs: [...blobs, ...image.layers.map((layer) => layer.digest)],
        }),
      );
      return getImage(engine, image.id);
    } catch (error) {
      await endFailed(engine, intent);
      throw error;
    } finally {
      await collectGarbage(engine);
    }
  });
}

function connect(engine: Engine, reference: ImageReference, options: PullOptions): Registry {
  const { registry, repository } = reference;
  return openRegistry({
    registry,
    repository,
    config: engine.config.registries[registry],
    credentials: options.credentials,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
}

/** What a registry sends is its fault, not the caller's: a malformed image is DataLoss. */
async function resolveImage(
  registry: Registry,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  try {
    return await followManifests(registry, reference, signal);
  } catch (error) {
    if (!hasCode(error, "InvalidArgument")) throw error;
    throw new StatusError("DataLoss", "the registry's image cannot be used", { cause: error });
  }
}

/** Follows indexes down to the manifest for this platform and reads the image's config. */
async function followManifests(
  registry: Registry,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const documents: FetchedManifest[] = [];
  let next = reference.digest ?? reference.tag ?? "latest";
  let manifest: Manifest;
  do {
    if (documents.length > DEEPEST_INDEX) {
      throw new StatusError("InvalidArgument", "the image's indexes are nested too deeply");
    }
    const document = await registry.fetchManifest(next, { signal });
    documents.push(document);
    manifest = parseManifest(document.bytes, document.mediaType);
    if (manifest.kind === "index") {
      next = selectPlatform(manifest.manifests, hostPlatform(process.arch)).digest;
    }
  } while (manifest.kind === "index");
  const configBytes = await fetchConfig(registry, manifest.config, signal);
  const config = parseImageConfig(configBytes, manifest.layers.length);
  return { documents, configBytes, config, id: manifest.config.digest, layers: manifest.layers };
}

async function fetchConfig(
  registry: Registry,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<Buffer> {
  if (descriptor.sizeBytes > LARGEST_CONFIG_BYTES) {
    throw new StatusError(
      "InvalidArgument",
      `the image's config has ${descriptor.sizeBytes} bytes`,
    );
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of registry.fetchBlob({ ...descriptor, offset: 0 }, { signal })) {
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  const actual = digestOf(bytes);
  if (actual === descriptor.digest) return bytes;
  throw new DigestMismatchError("the image's config", { expected: descriptor.digest, actual });
}

async function fetchLayers(
  engine: Engine,
  registry: Registry,
  image: ResolvedImage,
  options: PullOptions & { signal: AbortSignal },
): Promise<void> {
  const progress = trackProgress(image.layers, options.onProgress);
  const layers = image.layers.map((layer, index) => ({
    digest: layer.digest,
    sizeBytes: layer.sizeBytes,
    diffId: image.config.rootfs.diff_ids[index] ?? "",
    fetch: (offset: number, signal: AbortSignal) =>
      registry.fetchBlob({ ...layer, offset }, { signal }),
  }));
  await unpackLayers(engine, layers, { signal: options.signal, progress });
}

/** Keeps index, manifest and config as they came. */
async function storeDocuments(
  engine: Engine,
  image: ResolvedImage,
  signal: AbortSignal,
): Promise<string[]> {
  const digests: string[] = [];
  for (const bytes of [...image.documents.map((document) => document.bytes), image.configBytes]) {
    digests.push(await writeBlob(engine, bytes, { signal }));
  }
  return digests;
}
