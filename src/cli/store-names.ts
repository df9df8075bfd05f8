import type { Image } from "../cri/gen/runtime/v1/api.ts";
import type { Context } from "./context.ts";
import { resolveImages, spelledName } from "./resolve-images.ts";
import type { Resolved } from "./resolve-objects.ts";

/** What an image store is asked with for references as a user types them. Throws the first failure. */
export async function getStoreNames(
  context: Context,
  references: readonly string[],
): Promise<readonly string[]> {
  return (await resolveImages(context, references)).map(storeName);
}

/** The name that the reference spells, or the image's full ID. Throws where it means no image. */
export function storeName(item: Resolved<Image>): string {
  if ("error" in item) throw item.error;
  return spelledName(item.object, item.reference) ?? item.object.id;
}
