import { makeManifest } from "../../images/make-manifest.ts";
import type { ArchivedImage } from "../../images/resolve-archive.ts";
import { writeBlob } from "../content/write-blob.ts";
import type { Engine } from "../engine.ts";
import { storedContent } from "./stored-tree.ts";

/** Stores a manifest for an image that came without one, and returns its digest. */
export async function storeManifest(
  engine: Engine,
  image: ArchivedImage,
  signal: AbortSignal,
): Promise<string> {
  return await writeBlob(engine, await makeManifest(image, storedContent(engine)), { signal });
}
