import { StatusError } from "../../errors/status-error.ts";
import { formatTagName, parseImageReference } from "../../images/image-reference.ts";
import type { Engine } from "../engine.ts";
import { getImage } from "./find-image.ts";
import { addImageName, findImageRow } from "./image-store.ts";

/**
 * Gives an image one more name, which moves where another image has it. Idempotent. NotFound for an
 * unknown image, InvalidArgument for a name with a digest.
 */
export async function tagImage(engine: Engine, source: string, target: string): Promise<void> {
  const name = formatTagName(parseImageReference(target));
  if (name === undefined) {
    throw new StatusError("InvalidArgument", `"${target}" has a digest, which nobody can choose`, {
      hint: "name a tag: registry/repository:tag",
    });
  }
  const { id } = getImage(engine, source);
  await engine.database.write((db) => {
    if (findImageRow(db, id) === undefined) {
      throw new StatusError("NotFound", `no image "${source}"`);
    }
    addImageName(db, { name, imageId: id, kind: "tag" });
  });
}
