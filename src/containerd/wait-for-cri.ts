import { createMessage } from "../cri/create-message.ts";
import { ImageSpec } from "../cri/gen/runtime/v1/api.ts";
import type { CallOptions, ImageService } from "../cri/services.ts";
import { StatusError } from "../errors/status-error.ts";
import { sleep } from "../host/sleep.ts";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
const LIMIT_MS = 10_000;

/**
 * Waits until CRI has that image under the name, or none where `imageId` is undefined: its plugin
 * learns of a record that changed from an event, a moment later. DeadlineExceeded where it does not.
 */
export async function waitForCri(
  images: ImageService,
  { name, imageId }: { name: string; imageId: string | undefined },
  { signal }: CallOptions,
): Promise<void> {
  const image = createMessage(ImageSpec, { image: name });
  const options = signal === undefined ? {} : { signal };
  const limitMs = performance.now() + LIMIT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const status = await images.imageStatus({ image, verbose: false }, options);
    if (status.image?.id === imageId) return;
    if (performance.now() > limitMs) {
      throw new StatusError("DeadlineExceeded", `CRI does not see the change of image "${name}"`, {
        hint: "it was done in containerd; does containerd's log tell why its CRI plugin lags behind?",
      });
    }
    await sleep(pauseMs, options);
  }
}
