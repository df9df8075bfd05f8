import type { Image } from "../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../errors/status-error.ts";
import { parseJsonExactly } from "../output/json.ts";
import { callOptions } from "./call-options.ts";
import type { Context } from "./context.ts";
import { imageSpec } from "./image-spec.ts";

/**
 * When the image was created, which CRI tells in the verbose status alone. Throws FailedPrecondition
 * where the runtime does not tell.
 */
export async function imageCreatedMs(context: Context, image: Image): Promise<number> {
  const { images } = await context.backend();
  const status = await images.imageStatus(
    { image: imageSpec(image.id), verbose: true },
    callOptions(context),
  );
  for (const text of Object.values(status.info)) {
    const createdMs = Date.parse(findCreated(text) ?? "");
    if (!Number.isNaN(createdMs)) return createdMs;
  }
  throw new StatusError(
    "FailedPrecondition",
    `the runtime does not tell when image "${image.repoTags[0] ?? image.id}" was created`,
  );
}

/** `imageSpec.created` of containerd's verbose status, or `created` where a runtime has it on top. */
function findCreated(text: string): string | undefined {
  let info: unknown;
  try {
    info = parseJsonExactly(text);
  } catch {
    return undefined;
  }
  const top = info as { created?: unknown; imageSpec?: { created?: unknown } } | null;
  const created = top?.imageSpec?.created ?? top?.created;
  return typeof created === "string" ? created : undefined;
}
