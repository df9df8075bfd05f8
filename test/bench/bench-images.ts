/** The images that pulls are measured with; the same bytes for the same seed at every run. */
import { type BuiltImage, buildImage } from "../support/image-builder.ts";
import type { TarEntry } from "../support/tar-archive.ts";

const MIB = 1 << 20;

/** Four layers of about 7.5 MiB each as they travel, a few large files in each. */
export function fourLayerImage(seed: number): BuiltImage {
  const random = pseudoRandom(seed);
  const layer = (number: number): TarEntry[] => [
    { path: `layer-${number}/`, type: "directory" },
    ...Array.from({ length: 6 }, (_, file) => ({
      path: `layer-${number}/file-${file}`,
      data: content(random, 2 * MIB),
    })),
  ];
  return buildImage({ layers: [0, 1, 2, 3].map(layer) });
}

/** About 300 MiB as it travels: 20,000 files of 1 to 16 KiB and some large ones, in five layers. */
export function manyFilesImage(seed: number): BuiltImage {
  const random = pseudoRandom(seed);
  const layer = (number: number): TarEntry[] => {
    const entries: TarEntry[] = [{ path: `tree-${number}/`, type: "directory" }];
    for (let directory = 0; directory < 80; directory++) {
      entries.push({ path: `tree-${number}/${directory}/`, type: "directory" });
      for (let file = 0; file < 50; file++) {
        const size = 1024 + (random() % (15 * 1024));
        entries.push({ path: `tree-${number}/${directory}/${file}`, data: content(random, size) });
      }
    }
    for (let file = 0; file < 7; file++) {
      entries.push({ path: `tree-${number}/large-${file}`, data: content(random, 9 * MIB) });
    }
    return entries;
  };
  return buildImage({ layers: [0, 1, 2, 3, 4].map(layer) });
}

/** Half noise, half text that compresses well: about 1.6 to 1, as programs do. */
function content(random: () => number, sizeBytes: number): Buffer {
  const data = Buffer.alloc(sizeBytes, "the quick brown fox jumps over the lazy dog\n");
  for (let block = 0; block < sizeBytes; block += 4096) {
    const end = Math.min(block + 2560, sizeBytes);
    for (let at = block; at + 4 <= end; at += 4) data.writeUInt32LE(random(), at);
  }
  return data;
}

/** xorshift32: unsigned, never 0. */
function pseudoRandom(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
