import type { ImageProgress, LayerProgress } from "../cri/image-store.ts";

/** Where one layer has got to. */
export interface LayerTracker {
  set(phase: LayerProgress["phase"]): void;
  /** So many bytes more are done. */
  add(bytes: number): void;
  /** So many bytes are done in all: less than before where work was lost. */
  reach(doneBytes: number): void;
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
      if (["unpacking", "done", "exists"].includes(phase)) state.doneBytes = state.totalBytes;
      report();
    },
    add(bytes) {
      this.reach(state.doneBytes + bytes);
    },
    reach(doneBytes) {
      state.doneBytes = doneBytes;
      report();
    },
    async *count(source) {
      for await (const piece of source) {
        this.add(piece.length);
        yield piece;
      }
      state.phase = "unpacking";
      report();
    },
  }));
}
