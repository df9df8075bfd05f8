import type { CriBackend } from "../cri/backend.ts";
import type { ImageStore } from "../cri/image-store.ts";
import type { CallOptions, RuntimeService } from "../cri/services.ts";
import { withDeadline } from "../images/with-deadline.ts";
import {
  type ClientOptions,
  type ContainerdClient,
  createContainerdClient,
} from "./containerd-client.ts";
import { waitForCri } from "./wait-for-cri.ts";

export interface NativeStoreOptions extends ClientOptions {
  /** The same server's CRI. */
  readonly runtime: RuntimeService;
  readonly images: CriBackend["images"];
}

/** Image verbs on containerd, by its own services. Sends nothing before the first verb. */
export function openNativeImageStore(options: NativeStoreOptions): ImageStore {
  const { images, runtime } = options;
  const client = createContainerdClient(options);
  const within = <T>(
    call: CallOptions | undefined,
    what: string,
    work: (bound: ContainerdClient, options: { signal: AbortSignal }) => Promise<T>,
  ) =>
    withDeadline({ ...call, signal: joined(options.signal, call?.signal) }, what, (signal) =>
      work(client.with({ signal }), { signal }),
    );
  return {
    load: (archive, call) =>
      within(call, "loading the archive", async (bound, { signal }) => {
        const { loadArchive } = await import("./load-archive.ts");
        const snapshotter = await findSnapshotter(runtime, { signal });
        const loaded = await loadArchive(bound, archive, { ...call, signal, snapshotter });
        for (const { imageId, references } of loaded) {
          for (const name of references) {
            await waitForCri(images, { imageId, name, isThere: true }, { signal });
          }
        }
        return loaded;
      }),
    save: (references, archive, call) =>
      within(call, "saving images", async (bound, { signal }) => {
        const { saveImages } = await import("./save-images.ts");
        await saveImages(bound, { ...call, references, archive, signal });
      }),
    push: (reference, call) =>
      within(call, `pushing "${call.target ?? reference}"`, async (bound, { signal }) => {
        const { pushImage } = await import("./push-image.ts");
        const hostDirectories = await findHostDirectories(runtime, { signal });
        return await pushImage(bound, { ...call, reference, signal, hostDirectories });
      }),
    history: (reference, call) =>
      within(call, `reading "${reference}"`, async (bound, rest) => {
        const { imageHistory } = await import("./describe-images.ts");
        const snapshotter = await findSnapshotter(runtime, rest);
        return await imageHistory(bound, { reference, snapshotter });
      }),
    diskUsage: (call) =>
      within(call, "measuring images", async (bound, rest) => {
        const { imageDiskUsage } = await import("./describe-images.ts");
        return await imageDiskUsage(bound, await findSnapshotter(runtime, rest));
      }),
    tag: (source, target, call) =>
      within(call, `tagging "${source}"`, async (bound, rest) => {
        const { tagImage } = await import("./tag-image.ts");
        await tagImage(bound, images, { source, target }, rest);
      }),
    untag: (reference, call) =>
      within(call, `removing the name "${reference}"`, async (bound, rest) => {
        const { untagImage } = await import("./untag-image.ts");
        return await untagImage(bound, images, reference, rest);
      }),
  };
}

/** Where CRI looks for unpacked layers. */
async function findSnapshotter(runtime: RuntimeService, call: CallOptions): Promise<string> {
  const { containerd } = await configurationOf(runtime, call);
  return textOf(containerd?.snapshotter) ?? "overlayfs";
}

const USUAL_HOST_DIRECTORY = "/etc/containerd/certs.d";

/** Where the node says how its registries are spoken to. */
async function findHostDirectories(
  runtime: RuntimeService,
  call: CallOptions,
): Promise<readonly string[]> {
  const { registry } = await configurationOf(runtime, call);
  return (textOf(registry?.configPath) ?? USUAL_HOST_DIRECTORY).split(":");
}

interface CriConfiguration {
  readonly containerd?: { readonly snapshotter?: unknown } | null;
  readonly registry?: { readonly configPath?: unknown } | null;
}

/** As the server tells it. Empty where it does not: not every version tells all. */
async function configurationOf(
  runtime: RuntimeService,
  call: CallOptions,
): Promise<CriConfiguration> {
  const { info } = await runtime.status({ verbose: true }, call);
  try {
    const config: unknown = JSON.parse(info.config ?? "");
    return typeof config === "object" && config !== null ? config : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function joined(
  first: AbortSignal | undefined,
  second: AbortSignal | undefined,
): AbortSignal | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return AbortSignal.any([first, second]);
}
