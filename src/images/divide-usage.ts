/** One image and its unpacked layers, each under a key that images with the same layer share. */
export interface LayeredImage {
  readonly imageId: string;
  readonly layers: readonly { readonly key: string; readonly sizeBytes: number }[];
}

/** What each image has for itself and what it shares with any other of them. */
export function divideUsage(
  images: readonly LayeredImage[],
): { imageId: string; uniqueBytes: number; sharedBytes: number }[] {
  const users = new Map<string, number>();
  for (const { layers } of images) {
    for (const key of new Set(layers.map((layer) => layer.key))) {
      users.set(key, (users.get(key) ?? 0) + 1);
    }
  }
  return images.map(({ imageId, layers }) => {
    let uniqueBytes = 0;
    let sharedBytes = 0;
    for (const { key, sizeBytes } of new Map(layers.map((layer) => [layer.key, layer])).values()) {
      if ((users.get(key) ?? 0) > 1) sharedBytes += sizeBytes;
      else uniqueBytes += sizeBytes;
    }
    return { imageId, uniqueBytes, sharedBytes };
  });
}
