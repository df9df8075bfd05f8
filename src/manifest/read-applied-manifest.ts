import { MANIFEST_ANNOTATION } from "./manifest-annotation.ts";
import type { PodManifest } from "./pod-shape.ts";

/** The manifest that a pod was applied from; undefined for a pod that apply has not made. */
export function readAppliedManifest({
  annotations,
}: {
  readonly annotations: Readonly<Record<string, string>>;
}): PodManifest | undefined {
  const text = annotations[MANIFEST_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as PodManifest;
  } catch {
    return undefined;
  }
}
