import { StatusError } from "../../errors/status-error.ts";
import {
  formatDigestName,
  formatTagName,
  parseImageReference,
} from "../../images/image-reference.ts";
import type { Engine } from "../engine.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { findImage } from "./find-image.ts";
import type { ImageRecord } from "./image-record.ts";
import { deleteImage, findIdByName, findImageRow } from "./image-store.ts";

/**
 * Removes an image with all its names, and what nothing else needs of it. Idempotent: an unknown
 * reference is no error. Containers made from it go on: their snapshots keep the layers.
 */
export async function removeImage(engine: Engine, reference: string): Promise<void> {
  const image = findImage(engine, reference);
  if (image === undefined) return;
  const intent = { kind: "image-remove", subject: image.id };
  await engine.intents.begin(intent, (db) => deleteImage(db, image.id));
  await collectGarbage(engine);
  await engine.intents.end(intent);
}

/**
 * Removes one name. The image goes with its last tag, together with the digests it was pulled by.
 * NotFound for an unknown name; an ID is no name.
 */
export async function untagImage(
  engine: Engine,
  reference: string,
): Promise<{ removedImage: boolean }> {
  const parsed = parseImageReference(reference);
  const name =
    parsed.digest === undefined ? formatTagName(parsed) : formatDigestName(parsed, parsed.digest);
  const left = await engine.database.write((db) => {
    const id = name === undefined ? undefined : findIdByName(db, name);
    if (id === undefined || name === undefined) {
      throw new StatusError("NotFound", `no image "${reference}"`);
    }
    const image = findImageRow(db, id);
    if (image === undefined || isLastName(image, name)) return id;
    db.prepare("DELETE FROM image_names WHERE name = ?").run(name);
    return undefined;
  });
  if (left !== undefined) await removeImage(engine, left);
  return { removedImage: left !== undefined };
}

function isLastName(image: ImageRecord, name: string): boolean {
  const tags = image.tags.filter((tag) => tag !== name);
  const digests = image.digests.filter((digest) => digest !== name);
  const wasTag = tags.length < image.tags.length;
  return tags.length === 0 && (wasTag || digests.length === 0);
}
