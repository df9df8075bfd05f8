import { createMessage } from "../../src/cri/create-message.ts";
import { ImageSpec } from "../../src/cri/gen/runtime/v1/api.ts";
import type { TestContainerd } from "./containerd.ts";
import { waitUntil } from "./wait-until.ts";
import { withCri } from "./with-cri.ts";

/**
 * Imports an archive with `ctr`, and resolves when nothing follows from it any more: CRI learns of
 * images by events, after `ctr` has ended, and only then names them by their IDs; and the index of
 * the archive, which no image refers to, stays until containerd next collects its garbage.
 */
export async function importImage(
  { ctr, endpoint }: Pick<TestContainerd, "ctr" | "endpoint">,
  archive: string,
): Promise<void> {
  await ctr("images", "import", archive);
  const names = (await ctr("images", "ls", "-q")).split("\n").filter(Boolean);
  await withCri(endpoint, async ({ images }) => {
    for (const name of names) {
      const image = createMessage(ImageSpec, { image: name });
      await waitUntil(
        `CRI has ${name}`,
        async () => (await images.imageStatus({ image, verbose: false })).image,
      );
    }
  });
  // It answers when what nothing refers to is gone.
  await ctr("leases", "create", "--id", COLLECTED);
  await ctr("leases", "rm", "--sync", COLLECTED);
}

const COLLECTED = "collect-garbage";
