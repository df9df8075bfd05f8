import { createMessage } from "../cri/create-message.ts";
import { ImageSpec } from "../cri/gen/runtime/v1/api.ts";
import type { CallOptions, ImageService } from "../cri/services.ts";
import { StatusError } from "../errors/status-error.ts";
import { sleep } from "../host/sleep.ts";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
const LIMIT_MS = 10_000;

export interface NameChange {
  readonly imageId: string;
  /** In full, as CRI tells names however the record has them. */
  readonly name: string;
  /** Whether the image shall have the name. */
  readonly isThere: boolean;
}

/**
 * Waits until CRI tells that the image has the name, or has it no more: its plugin learns from an event
 * that a record changed, a moment later. DeadlineExceeded where it does not.
 */
export async function waitForCri(
  images: ImageService,
  { imageId, name, isThere }: NameChange,
  { signal }: CallOptions,
): Promise<void> {
  const request = { image: createMessage(ImageSpec, { image: imageId }), verbose: false };
  const options = signal === undefined ? {} : { signal };
  const limitMs = performance.now() + LIMIT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const { image } = await images.imageStatus(request, options);
    const names = [...(image?.repoTags ?? []), ...(image?.repoDigests ?? [])];
    if (names.includes(name) === isThere) return;
    if (performance.now() > limitMs) {
      throw new StatusError("DeadlineExceeded", `CRI does not see the change of "${name}"`, {
        hint: "it was done in containerd, whose log may tell why its CRI plugin lags behind",
      });
    }
    await sleep(pauseMs, options);
  }
}
