import { createHash } from "node:crypto";
import { throwIfAborted } from "../../host/sleep.ts";
import { decompress } from "../../tar/decompress.ts";
import { LayerRewriter, type LayerSummary } from "./layer-rewriter.ts";
import { startTar } from "./tar-process.ts";

export interface AppliedLayer extends LayerSummary {
  /** Digest of the uncompressed stream. */
  readonly diffId: string;
}

/**
 * Applies a layer, as its bytes arrive, to an empty directory that nothing else uses: decompression,
 * diff ID, rewriting and GNU tar overlap. On failure the directory is left half filled for the caller
 * to remove, and nothing outside it was touched. Errors of the source pass through unchanged;
 * InvalidArgument for a hostile or damaged layer, ResourceExhausted for a full disk.
 */
export async function applyLayer(options: {
  source: AsyncIterable<Buffer>;
  directory: string;
  signal?: AbortSignal | undefined;
}): Promise<AppliedLayer> {
  const tar = startTar(options.directory);
  try {
    const hash = createHash("sha256");
    const rewriter = new LayerRewriter();
    for await (const chunk of decompress(options.source)) {
      throwIfAborted(options.signal);
      hash.update(chunk);
      const chunks = rewriter.push(chunk);
      if (chunks.length > 0) await tar.write(chunks);
    }
    const { chunks, summary } = rewriter.end();
    await tar.write(chunks);
    await tar.finish();
    return { diffId: `sha256:${hash.digest("hex")}`, ...summary };
  } finally {
    await tar.kill();
  }
}
