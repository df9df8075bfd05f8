import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { listFirstDigestRows, listImageRows } from "./image-store.ts";

/** All images, oldest first. */
export function listImages(engine: Engine): ImageRecord[] {
  return engine.database.read(listImageRows);
}

/** By the ID of the image the first of its digest names; images that were never pulled have none. */
export function listFirstDigests(engine: Engine): ReadonlyMap<string, string> {
  return engine.database.read(listFirstDigestRows);
}
