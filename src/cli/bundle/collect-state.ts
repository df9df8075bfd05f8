import type { CriBackend } from "../../cri/backend.ts";
import type { MessageName } from "../../cri/json/field-table.ts";
import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { isChosen, probeSocket } from "../doctor/probe-socket.ts";
import { imageSpec } from "../image-spec.ts";
import { statusDocument } from "../status-document.ts";
import { addContainerLogs } from "./collect-logs.ts";
import type { Collection } from "./collection.ts";
import { fileName } from "./file-name.ts";

const CALL_MS = 5_000;
/** Of each kind; a node with more has the rest in the lists alone. */
const MOST_INSPECTED = 200;
const AT_ONCE = 4;

/** What the runtime in use tells of itself, its pods, containers and images. */
export async function collectState(collection: Collection): Promise<void> {
  const { context, node, note } = collection;
  if (await isUnusedEmbedded(collection)) {
    note("state", `no runtime is in use: there is no database at "${node.paths.database}"`);
    return;
  }
  const backend = await context.backend();
  const call = { signal: collection.signal, timeoutMs: CALL_MS };
  const { runtime, images } = backend;
  const [, , pods, containers, imageList] = await Promise.all([
    add(collection, "version", "VersionResponse", () =>
      runtime.version({ version: "0.1.0" }, call),
    ),
    add(collection, "status", "StatusResponse", () => runtime.status({ verbose: true }, call)),
    add(collection, "pods", "ListPodSandboxResponse", () =>
      runtime.listPodSandbox({ filter: undefined }, call),
    ),
    add(collection, "containers", "ListContainersResponse", () =>
      runtime.listContainers({ filter: undefined }, call),
    ),
    add(collection, "images", "ListImagesResponse", () =>
      images.listImages({ filter: undefined }, call),
    ),
    add(collection, "image-filesystem", "ImageFsInfoResponse", () => images.imageFsInfo({}, call)),
  ]);
  await inspectAll(collection, backend, {
    pods: (pods?.items ?? []).map(({ id }) => id),
    containers: (containers?.containers ?? []).map(({ id }) => id),
    images: (imageList?.images ?? []).map(({ id }) => id),
  });
}

/** Opening it would make its directories, for nothing. */
async function isUnusedEmbedded({ context, node, signal }: Collection): Promise<boolean> {
  const { runtimeEndpoint } = context.settings;
  if (runtimeEndpoint !== undefined && parseEndpoint(runtimeEndpoint).kind !== "embedded") {
    return false;
  }
  const facts = await node.database().catch(() => undefined);
  if ((facts?.schema ?? 0) > 0) return false;
  if (runtimeEndpoint !== undefined) return true;
  const { KNOWN_SOCKETS } = await import("../detect-endpoint.ts");
  const answers = await Promise.all(
    KNOWN_SOCKETS.map((path) => probeSocket(`unix://${path}`, false, signal)),
  );
  return !answers.some(isChosen);
}

async function add<T extends object>(
  { addData, note }: Collection,
  name: string,
  message: MessageName,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const answer = await ask();
    const { toJson } = await import("../../cri/json/to-json.ts");
    addData(`state/${name}.json`, toJson(message, answer));
    return answer;
  } catch (error) {
    note(`state ${name}`, error);
    return undefined;
  }
}

async function inspectAll(
  collection: Collection,
  { runtime, images, endpoint }: CriBackend,
  ids: Readonly<Record<"pods" | "containers" | "images", readonly string[]>>,
): Promise<void> {
  const call = { signal: collection.signal, timeoutMs: CALL_MS };
  const isHere = parseEndpoint(endpoint).kind !== "tcp";
  const take = (kind: keyof typeof ids, work: (id: string) => Promise<void>) =>
    ids[kind].slice(0, MOST_INSPECTED).map((id) => async () => {
      await work(id).catch((error: unknown) => collection.note(`state ${kind} ${id}`, error));
    });
  const write = async (name: string, message: MessageName, status: object, info: object) => {
    const document = await statusDocument(message, status, info as Record<string, string>);
    collection.addData(`state/${name}.json`, document);
  };
  const work = [
    ...take("pods", async (podSandboxId) => {
      const { status, info } = await runtime.podSandboxStatus(
        { podSandboxId, verbose: true },
        call,
      );
      if (status) await write(`pods/${shortName(podSandboxId)}`, "PodSandboxStatus", status, info);
    }),
    ...take("containers", async (containerId) => {
      const { status, info } = await runtime.containerStatus({ containerId, verbose: true }, call);
      if (!status) return;
      await write(`containers/${shortName(containerId)}`, "ContainerStatus", status, info);
      // A path of another host names another file here, and a server there could choose which.
      if (isHere) await addContainerLogs(collection, shortName(containerId), status.logPath);
    }),
    ...take("images", async (image) => {
      const answer = await images.imageStatus({ image: imageSpec(image), verbose: true }, call);
      if (answer.image)
        await write(`images/${shortName(image)}`, "Image", answer.image, answer.info);
    }),
  ];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let next = work.shift(); next !== undefined; next = work.shift()) await next();
  });
  await Promise.all(workers);
}

function shortName(id: string): string {
  return fileName(id, 20);
}
