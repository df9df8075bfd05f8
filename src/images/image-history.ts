import type { HistoryEntry } from "../cri/image-store.ts";
import type { OciImageConfig } from "./image-config.ts";

/**
 * The steps that made an image, newest first, from its config (image-spec, config.md). Layers that the
 * history does not tell of come after all others, which is where the missing steps were. `sizeOf`
 * tells what a layer takes by its place, the lowest 0.
 */
export function toImageHistory(
  config: OciImageConfig,
  sizeOf: (layer: number) => number | undefined,
): HistoryEntry[] {
  const diffIds = config.rootfs.diff_ids;
  const steps = (config.history ?? []).map((step) => ({
    ...textsOf(step),
    emptyLayer: "empty_layer" in step && step.empty_layer === true,
  }));
  const told = steps.filter(({ emptyLayer }) => !emptyLayer).length;
  const untold = Array.from({ length: Math.max(0, diffIds.length - told) }, () => ({
    ...textsOf({}),
    emptyLayer: false,
  }));
  let layer = 0;
  const entries = [...untold, ...steps].map((step): HistoryEntry => {
    const diffId = step.emptyLayer ? undefined : diffIds[layer];
    if (diffId === undefined) return { ...step, emptyLayer: true, sizeBytes: 0 };
    const sizeBytes = sizeOf(layer);
    layer += 1;
    return { ...step, diffId, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
  });
  return entries.reverse();
}

function textsOf(step: object) {
  const fields = step as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  return {
    created: text("created"),
    createdBy: text("created_by"),
    author: text("author"),
    comment: text("comment"),
  };
}
