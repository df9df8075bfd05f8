import type { Context } from "./context.ts";
import { resolveImages, spelledName } from "./resolve-images.ts";

/**
 * What an image store is asked with for references as a user types them: the name that each spells, or
 * the full ID. Throws the first failure to find one.
 */
export async function getStoreNames(
  context: Context,
  references: readonly string[],
): Promise<readonly string[]> {
  return (await resolveImages(context, references)).map((item) => {
    if ("error" in item) throw item.error;
    return spelledName(item.object, item.reference) ?? item.object.id;
  });
}
