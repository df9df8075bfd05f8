import { StatusError } from "../errors/status-error.ts";
import { type ImageReference, parseImageReference } from "./image-reference.ts";

/** Where to push: a name with a tag. InvalidArgument where there is none, or a digest. */
export function parsePushTarget(text: string | undefined, reference: string): ImageReference {
  const hint = `name a tag to push it to: crish push ${reference} registry/repository:tag`;
  if (text === undefined) {
    throw new StatusError("InvalidArgument", `"${reference}" names no tag to push to`, { hint });
  }
  const target = parseImageReference(text);
  if (target.digest === undefined) return target;
  throw new StatusError("InvalidArgument", `cannot push to the digest of "${text}"`, { hint });
}

/** A repository of the target's registry that the image comes from or is named after, by its names. */
export function findMountSource(
  names: readonly string[],
  target: ImageReference,
): string | undefined {
  return names
    .map(parseImageReference)
    .find(
      ({ registry, repository }) =>
        registry === target.registry && repository !== target.repository,
    )?.repository;
}
