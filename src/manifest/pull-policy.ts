import type { ContainerManifest } from "./container-shape.ts";
import type { PodSpecManifest } from "./pod-shape.ts";

export type PullPolicy = "Always" | "IfNotPresent" | "Never";

/** What a manifest says, else Always for a reference that may move: of `latest`, or of no tag. */
export function pullPolicyOf({
  image,
  imagePullPolicy,
}: Pick<ContainerManifest, "image" | "imagePullPolicy">): PullPolicy {
  if (imagePullPolicy !== undefined) return imagePullPolicy;
  if (image.includes("@")) return "IfNotPresent";
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

const STRICTNESS: readonly PullPolicy[] = ["IfNotPresent", "Always", "Never"];

/** The images of a pod, each once, with the strictest of its policies. */
export function imagesOf(spec: PodSpecManifest): ReadonlyMap<string, PullPolicy> {
  const wanted = new Map<string, PullPolicy>();
  const add = (image: string, policy: PullPolicy) => {
    const known = wanted.get(image);
    const isStricter =
      known === undefined || STRICTNESS.indexOf(policy) > STRICTNESS.indexOf(known);
    if (isStricter) wanted.set(image, policy);
  };
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    add(container.image, pullPolicyOf(container));
  }
  for (const { image } of spec.volumes ?? []) {
    if (image === undefined) continue;
    const { reference, pullPolicy } = image;
    const policy = pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy };
    add(reference, pullPolicyOf({ image: reference, ...policy }));
  }
  return wanted;
}
