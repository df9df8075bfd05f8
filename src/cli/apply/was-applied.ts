import type { PodSandbox } from "../../cri/gen/runtime/v1/api.ts";
import { MANIFEST_ANNOTATION } from "../../manifest/manifest-annotation.ts";

/** Whether a pod was made by apply, which has made more for it than the runtime knows of. */
export function wasApplied({ annotations }: Pick<PodSandbox, "annotations">): boolean {
  return annotations[MANIFEST_ANNOTATION] !== undefined;
}
