import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { listImageRows } from "./image-store.ts";

/** All images, oldest first. */
export function listImages(engine: Engine): ImageRecord[] {
  return engine.database.read(listImageRows);
}
