import * as grpc from "@grpc/grpc-js";
import { createMessage } from "../../src/cri/create-message.ts";
import {
  Container,
  ContainerMetadata,
  Image,
  ImageSpec,
  ListContainersResponse,
  PodSandbox,
  PodSandboxMetadata,
} from "../../src/cri/gen/runtime/v1/api.ts";
import { IMAGE_METHODS, RUNTIME_METHODS } from "../../src/cri/methods.ts";
import type { ImageService, RuntimeService } from "../../src/cri/services.ts";
import { createServiceHandlers } from "../../src/server/service-handlers.ts";
import type { Cleanup } from "./cleanup.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface LargeNodeOptions {
  readonly containers: number;
  /** Whether it has the Stream* list calls. */
  readonly hasStreams: boolean;
  /** The most that it puts into one message; as grpc-go refuses more. */
  readonly maxMessageBytes?: number;
}

export interface LargeNode {
  readonly endpoint: string;
  /** The calls that were made, in order. */
  readonly calls: string[];
  /** The size of all containers in one message. */
  readonly listBytes: number;
}

/** Containers of one part of a streamed list. */
const PART = 500;
const CONTAINERS_OF_POD = 4;

/** A CRI server that has nothing but that many containers, their pods and some images. */
export async function startLargeNode(
  cleanup: Cleanup,
  options: LargeNodeOptions,
): Promise<LargeNode> {
  const directory = await temporaryDirectory(cleanup, "large-node");
  const path = `${directory}/cri.sock`;
  const calls: string[] = [];
  const maxMessageBytes = options.maxMessageBytes ?? 256 * 1024 * 1024;
  const server = new grpc.Server({ "grpc.max_send_message_length": maxMessageBytes });
  const never = new AbortController().signal;
  const handlers = createServiceHandlers({
    packageName: "runtime.v1",
    stopping: never,
    expiring: never,
    onCallEnd: ({ method }) => void calls.push(method),
  });
  const { runtime, images, containers } = services(options);
  for (const { definition, implementation } of [
    handlers("RuntimeService", RUNTIME_METHODS, runtime),
    handlers("ImageService", IMAGE_METHODS, images),
  ]) {
    server.addService(definition, implementation);
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  cleanup.add("stop the large node", async () => server.forceShutdown());
  const listBytes = ListContainersResponse.encode({ containers }).finish().length;
  return { endpoint: `unix://${path}`, calls, listBytes };
}

function services({ containers: count, hasStreams }: LargeNodeOptions) {
  const containers = Array.from({ length: count }, (_, index) => container(index));
  const pods = Array.from({ length: Math.ceil(count / CONTAINERS_OF_POD) }, (_, index) =>
    pod(index),
  );
  const images = Array.from({ length: 50 }, (_, index) => image(index));
  const runtime: Partial<RuntimeService> = {
    version: async () => ({
      version: "0.1.0",
      runtimeName: "large",
      runtimeVersion: "1",
      runtimeApiVersion: "v1",
    }),
    listContainers: async () => ({ containers }),
    listPodSandbox: async () => ({ items: pods }),
    ...(hasStreams
      ? {
          async *streamContainers() {
            for (const part of partsOf(containers)) yield { containers: part };
          },
          async *streamPodSandboxes() {
            for (const part of partsOf(pods)) yield { podSandboxes: part };
          },
        }
      : {}),
  };
  const imageService: Partial<ImageService> = { listImages: async () => ({ images }) };
  return { runtime: runtime as RuntimeService, images: imageService as ImageService, containers };
}

function* partsOf<T>(list: readonly T[]): Generator<T[]> {
  for (let from = 0; from < list.length; from += PART) yield list.slice(from, from + PART);
}

const START_NS = 1_700_000_000_000_000_000n;

/** As a kubelet makes them: its own labels and annotations, and some of the application's. */
function container(index: number): Container {
  const podIndex = Math.floor(index / CONTAINERS_OF_POD);
  const name = ["app", "proxy", "metrics", "init"][index % CONTAINERS_OF_POD] ?? "app";
  return createMessage(Container, {
    id: idOf("c", index),
    podSandboxId: idOf("p", podIndex),
    metadata: createMessage(ContainerMetadata, { name, attempt: index % 3 }),
    image: createMessage(ImageSpec, { image: `sha256:${idOf("i", index % 50)}` }),
    imageRef: `sha256:${idOf("i", index % 50)}`,
    imageId: `sha256:${idOf("i", index % 50)}`,
    state: 1,
    createdAt: START_NS + BigInt(index) * 1_000_000_000n,
    labels: {
      "io.kubernetes.container.name": name,
      "io.kubernetes.pod.name": podName(podIndex),
      "io.kubernetes.pod.namespace": `team-${podIndex % 40}`,
      "io.kubernetes.pod.uid": idOf("u", podIndex).slice(0, 36),
    },
    annotations: {
      "io.kubernetes.container.hash": idOf("h", index).slice(0, 8),
      "io.kubernetes.container.restartCount": String(index % 3),
      "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
      "io.kubernetes.container.terminationMessagePolicy": "File",
      "io.kubernetes.pod.terminationGracePeriod": "30",
      "io.kubernetes.container.ports": JSON.stringify([
        { name: "http", containerPort: 8080, protocol: "TCP" },
        { name: "metrics", containerPort: 9090, protocol: "TCP" },
      ]),
      "example.org/configuration": `${idOf("x", index)}${"configuration ".repeat(60)}`,
    },
  });
}

function pod(index: number): PodSandbox {
  return createMessage(PodSandbox, {
    id: idOf("p", index),
    metadata: createMessage(PodSandboxMetadata, {
      name: podName(index),
      namespace: `team-${index % 40}`,
      uid: idOf("u", index).slice(0, 36),
    }),
    createdAt: START_NS + BigInt(index) * 4_000_000_000n,
    labels: {
      app: `application-${index % 200}`,
      "pod-template-hash": idOf("h", index).slice(0, 10),
    },
    annotations: { "kubernetes.io/config.source": "api" },
  });
}

function image(index: number): Image {
  return createMessage(Image, {
    id: `sha256:${idOf("i", index)}`,
    repoTags: [`registry.example.org/team/image-${index}:v1.${index}`],
    size: 50_000_000n + BigInt(index),
  });
}

function podName(index: number): string {
  return `application-${index % 200}-${idOf("h", index).slice(0, 10)}-${idOf("n", index).slice(0, 5)}`;
}

/** 64 hexadecimal digits, other ones for each kind and number. */
function idOf(kind: string, index: number): string {
  let state = (kind.charCodeAt(0) * 2_654_435_761 + index * 40_503 + 1) >>> 0;
  let digits = "";
  while (digits.length < 64) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    digits += state.toString(16).padStart(8, "0");
  }
  return digits.slice(0, 64);
}
