import type { Container, Image } from "../../cri/gen/runtime/v1/api.ts";
import { callOptions } from "../call-options.ts";
import type { Context } from "../context.ts";
import { spellings } from "../resolve-images.ts";

/**
 * Images that nothing needs: no container was made from them but those that go first, they are not
 * pinned, and they are not what the runtime makes its pods from.
 */
export async function unusedImages(
  context: Context,
  goesFirst: (container: Container) => boolean = () => false,
): Promise<readonly Image[]> {
  const { runtime, images } = await context.backend();
  const call = callOptions(context);
  const [list, { containers }, sandboxImage] = await Promise.all([
    images.listImages({ filter: undefined }, call),
    runtime.listContainers({ filter: undefined }, call),
    findSandboxImage(context),
  ]);
  const used = new Set(
    containers
      .filter((container) => !goesFirst(container))
      .flatMap(({ image, imageId, imageRef }) => [imageId, imageRef, image?.image ?? ""]),
  );
  for (const name of sandboxImage === undefined ? [] : spellings(sandboxImage)) used.add(name);
  return list.images.filter(
    ({ id, repoTags, repoDigests, pinned }) =>
      !pinned && ![id, ...repoTags, ...repoDigests].some((name) => used.has(name)),
  );
}

/**
 * The image of the process that holds a pod's namespaces, which containerd before 1.7 does not pin:
 * without it no pod starts on a node that cannot reach the registry.
 */
async function findSandboxImage(context: Context): Promise<string | undefined> {
  const { runtime } = await context.backend();
  const { info } = await runtime.status({ verbose: true }, callOptions(context));
  for (const text of Object.values(info)) {
    const name = sandboxImageIn(text);
    if (name !== undefined) return name;
  }
  return undefined;
}

function sandboxImageIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const name = (value as { sandboxImage?: unknown } | null)?.sandboxImage;
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}
