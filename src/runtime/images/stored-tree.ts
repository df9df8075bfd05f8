import { hasCode, StatusError } from "../../errors/status-error.ts";
import type { ImageContent } from "../../images/image-content.ts";
import { type ImageTree, readImageTree } from "../../images/image-tree.ts";
import { PLAIN_LAYER_TYPES } from "../../images/media-types.ts";
import { hostPlatform } from "../../images/select-platform.ts";
import { findBlob } from "../content/find-blob.ts";
import { readBlob, streamBlob } from "../content/read-blob.ts";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { listImageBlobs } from "./image-store.ts";

/** Manifests are small: larger blobs are not looked at when one is sought. */
const LARGEST_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** The engine's content store as what saves and pushes reads from. */
export function storedContent(engine: Engine): ImageContent {
  return {
    find: (digest) => findBlob(engine, digest),
    read: (digest) => readBlob(engine, digest),
    stream: (digest, offset) => streamBlob(engine, digest, offset),
  };
}

/**
 * The manifest or index of a stored image with all that belongs to it. One image may have several: of
 * those that are whole, the one it was pulled by from the repository comes first, and one with
 * compressed layers before one without where `compressed` is asked for. NotFound where none is whole.
 */
export async function findStoredTree(
  engine: Engine,
  image: ImageRecord,
  wanted: { repository?: string | undefined; compressed?: boolean } = {},
): Promise<ImageTree> {
  const trees: ImageTree[] = [];
  let failure: unknown;
  for (const digest of candidates(engine, image, wanted.repository)) {
    try {
      const host = hostPlatform(process.arch);
      const tree = await readImageTree(storedContent(engine), { digest }, host);
      if (!tree.images.some(({ config }) => config.digest === image.id)) continue;
      if (wanted.compressed !== true || !hasPlainLayers(tree)) return tree;
      trees.push(tree);
    } catch (error) {
      // Most blobs are no manifests.
      if (!hasCode(error, "InvalidArgument")) failure ??= error;
    }
  }
  const [first] = trees;
  if (first !== undefined) return first;
  throw (
    failure ??
    new StatusError("NotFound", `no manifest of the image "${image.id}" is here`, {
      hint: "pull or load it again",
    })
  );
}

export function hasPlainLayers({ images }: ImageTree): boolean {
  return images.some(({ layers }) =>
    layers.some(({ mediaType }) => PLAIN_LAYER_TYPES.includes(mediaType)),
  );
}

function candidates(
  engine: Engine,
  image: ImageRecord,
  repository: string | undefined,
): ReadonlySet<string> {
  const named = image.digests.map((name) => {
    const [from = "", digest = ""] = name.split("@");
    return { from, digest };
  });
  const ofRepository = named.filter(({ from }) => from === repository);
  const small = engine.database
    .read((db) => listImageBlobs(db, image.id))
    .filter(({ digest, sizeBytes }) => digest !== image.id && sizeBytes <= LARGEST_DOCUMENT_BYTES);
  return new Set([...ofRepository, ...named, ...small].map(({ digest }) => digest));
}
