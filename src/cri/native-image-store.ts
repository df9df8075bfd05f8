import { hasCode } from "../errors/status-error.ts";
import type { ImageStore } from "./image-store.ts";
import type { ImageService, RuntimeService } from "./services.ts";
import type { ExchangeTransport } from "./transport.ts";

interface NativeStoreOptions {
  readonly transport: ExchangeTransport;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Both of the server at the endpoint of images. */
  readonly runtime: RuntimeService;
  readonly images: ImageService;
}

/**
 * What a server can do with images by services of its own. Asks it its name: undefined where it is none
 * whose services are known here.
 */
export async function findNativeImageStore(
  options: NativeStoreOptions,
): Promise<ImageStore | undefined> {
  const name = await findRuntimeName(options.runtime);
  if (name !== "containerd") return undefined;
  const { openNativeImageStore } = await import("../containerd/open-image-store.ts");
  return openNativeImageStore(options);
}

/** An endpoint of images alone may have no runtime to ask. */
async function findRuntimeName(runtime: RuntimeService): Promise<string | undefined> {
  try {
    return (await runtime.version({ version: "" })).runtimeName;
  } catch (error) {
    if (hasCode(error, "Unimplemented")) return undefined;
    throw error;
  }
}
