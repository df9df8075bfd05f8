/**
 * The embedded runtime: pods and containers on this node without a server, and the only door to it.
 * Everything behind is found through the directories `root` and `state`, which any number of
 * processes use at once; two roots never touch each other.
 */
import type { CriBackend, Streams } from "../cri/backend.ts";
import { createImageStore } from "./images/create-image-store.ts";
import type { NodeInspector } from "./inspect/node-inspector.ts";
import type { InspectorOptions } from "./inspect/open-inspector.ts";
import { type EngineOptions, openEngine } from "./open-engine.ts";
import type { EmbeddedPeek, PeekOptions } from "./peek.ts";
import { createImageService } from "./services/image-service.ts";
import { createRuntimeService } from "./services/runtime-service.ts";
import type { StreamingUrls } from "./services/streaming-urls.ts";
import { createStreams } from "./services/streams.ts";

/**
 * Opens the runtime and ends what processes that were killed have left half done. PermissionDenied
 * without root's rights; FailedPrecondition where the node lacks what it needs. Where the disk may only
 * be read, calls that only look are answered and all others refused.
 */
export async function openEmbedded(options: EngineOptions): Promise<CriBackend> {
  const engine = await openEngine(options);
  try {
    if (engine.database.isReadOnly) {
      const { refuseChanges } = await import("./services/refuse-changes.ts");
      return refuseChanges(engine, createBackend(engine));
    }
    await recover(engine);
    return createBackend(engine);
  } catch (error) {
    engine.close();
    throw error;
  }
}

function createBackend(engine: OpenEngine): CriBackend {
  const streams = createStreams(engine);
  const urls = loadWhenAsked(engine, streams);
  const imageStore = createImageStore(engine);
  return {
    kind: "embedded",
    endpoint: "embedded:",
    runtime: createRuntimeService(engine, urls),
    images: createImageService(engine),
    streams,
    imageStore: async () => imageStore,
    async close() {
      await urls.close();
      engine.close();
    },
  };
}

/** What there is, without opening anything: nothing is created, recovered or changed. */
export async function peekEmbedded(options: PeekOptions): Promise<EmbeddedPeek> {
  const { peek } = await import("./peek.ts");
  return peek(options);
}

/**
 * Looks at the node and at a root without touching either: for `doctor` and `bundle`. Nothing needs
 * to be there, and root's rights only make it see more.
 */
export async function inspectNode(options: InspectorOptions): Promise<NodeInspector> {
  const { openInspector } = await import("./inspect/open-inspector.ts");
  return openInspector(options);
}

export type { NodeInspector } from "./inspect/node-inspector.ts";

type OpenEngine = Awaited<ReturnType<typeof openEngine>>;

/** No command of crish's own asks for a URL: only who serves the runtime does. */
function loadWhenAsked(engine: OpenEngine, streams: Streams): StreamingUrls {
  let loaded: Promise<StreamingUrls> | undefined;
  const urls = () => {
    loaded ??= import("./services/streaming-urls.ts").then(({ createStreamingUrls }) =>
      createStreamingUrls(engine, streams),
    );
    return loaded;
  };
  return {
    exec: async (request) => await (await urls()).exec(request),
    attach: async (request) => await (await urls()).attach(request),
    portForward: async (request) => await (await urls()).portForward(request),
    close: async () => await (await loaded)?.close(),
  };
}

/** Containers first: a pod can be taken down only without them. */
async function recover(engine: OpenEngine): Promise<void> {
  if (engine.intents.listOrphaned().length === 0) return;
  const { recoverContainers } = await import("./containers/recover-containers.ts");
  await recoverContainers(engine);
  const { recoverSandboxes } = await import("./sandboxes/recover-sandboxes.ts");
  await recoverSandboxes(engine);
  const { recoverImages } = await import("./images/collect-garbage.ts");
  await recoverImages(engine);
}
