import type { ImageProgress, LayerProgress } from "../cri/image-store.ts";

/** Where one layer has got to. */
export interface LayerTracker {
  set(phase: LayerProgress["phase"]): void;
  /** Counts the bytes that pass; at their end the layer is being unpacked. */
  count(source: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
}

/** Reports a snapshot of all layers with every change. */
export function trackProgress(
  layers: readonly { digest: string; sizeBytes: number }[],
  onProgress: ((progress: ImageProgress) => void) | undefined,
): LayerTracker[] {
  const states: LayerProgress[] = layers.map(({ digest, sizeBytes }) => ({
    digest,
    phase: "waiting",
    doneBytes: 0,
    totalBytes: sizeBytes,
  }));
  const report = () => onProgress?.({ layers: states.map((state) => ({ ...state })) });
  report();
  return states.map((state) => ({
    set(phase) {
      state.phase = phase;
      if (phase !== "waiting" && phase !== "downloading") state.doneBytes = state.totalBytes;
      report();
    },
    async *count(source) {
      for await (const piece of source) {
        state.doneBytes += piece.length;
        report();
        yield piece;
      }
      state.phase = "unpacking";
      report();
    },
  }));
}
