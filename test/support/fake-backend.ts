import type { CriBackend } from "../../src/cri/backend.ts";
import { createMessage } from "../../src/cri/create-message.ts";
import {
  Container,
  ContainerMetadata,
  ContainerStatus,
  Image,
  PodSandbox,
  PodSandboxMetadata,
} from "../../src/cri/gen/runtime/v1/api.ts";
import type { ImageStore } from "../../src/cri/image-store.ts";
import { StatusError } from "../../src/errors/status-error.ts";

export interface FakeBackend extends CriBackend {
  /** Every call made, as `stopContainer {"containerId":"…"}`; lists are left out. */
  readonly calls: string[];
}

export interface FakeContents {
  readonly containers?: readonly Container[];
  readonly pods?: readonly PodSandbox[];
  readonly images?: readonly Image[];
  readonly imageStore?: ImageStore;
  readonly endpoint?: string;
  /** Answers of further calls by the name of the method. */
  readonly answers?: Readonly<Record<string, (request: never) => unknown>>;
}

/**
 * A backend with fixed contents, for what commands do around the calls. It answers lists and
 * statuses from the contents, accepts what changes things, and records it.
 */
export function fakeBackend(contents: FakeContents = {}): FakeBackend {
  const { containers = [], pods = [], images = [] } = contents;
  const calls: string[] = [];
  const answers: Record<string, (request: never) => unknown> = {
    listContainers: () => ({ containers }),
    listPodSandbox: () => ({ items: pods }),
    listImages: () => ({ images }),
    status: () => ({ info: {} }),
    imageStatus: ({ image }: { image: { image: string } }) => ({
      image: images.find(({ id }) => id === image.image),
      info: {},
    }),
    containerStatus: ({ containerId }: { containerId: string }) => ({
      status: statusOf(containers.find(({ id }) => id === containerId)),
      info: {},
    }),
    ...contents.answers,
  };
  const service = new Proxy(
    {},
    {
      get: (_target, method: string) =>
        STREAM.test(method)
          ? async function* (request: never) {
              const answer = answers[method];
              if (answer === undefined) throw notInFake(method);
              yield* answer(request) as Iterable<unknown>;
            }
          : async (request: never) => {
              if (!/^list|status$/i.test(method)) calls.push(`${method} ${show(request)}`);
              const answer = answers[method];
              if (answer !== undefined) return answer(request);
              if (/^(stop|remove|start)/.test(method)) return {};
              throw notInFake(method);
            },
    },
  );
  return {
    kind: contents.imageStore === undefined ? "remote" : "embedded",
    endpoint: contents.endpoint ?? "unix:///fake.sock",
    runtime: service as CriBackend["runtime"],
    images: service as CriBackend["images"],
    streams: service as CriBackend["streams"],
    imageStore: async () => contents.imageStore,
    close: async () => {},
    calls,
  };
}

/** The calls that a server answers with a stream: in the fake with the items of the answer. */
const STREAM = /^(getContainerEvents|stream)/;

function notInFake(method: string): StatusError {
  return new StatusError("Unimplemented", `"${method}" is not in the fake`);
}

export function fakePod(fields: Partial<PodSandbox> & { name: string }): PodSandbox {
  const { name, ...rest } = fields;
  const metadata = createMessage(PodSandboxMetadata, {
    name,
    namespace: "default",
    uid: `uid-${name}`,
  });
  return createMessage(PodSandbox, { id: idFrom(name), metadata, createdAt: 1n, ...rest });
}

export function fakeContainer(fields: Partial<Container> & { name: string }): Container {
  const { name, ...rest } = fields;
  const metadata = createMessage(ContainerMetadata, { name });
  return createMessage(Container, { id: idFrom(name), metadata, createdAt: 1n, state: 1, ...rest });
}

export function fakeImage(fields: Partial<Image>): Image {
  return createMessage(Image, { id: `sha256:${idFrom("image")}`, size: 1_500_000n, ...fields });
}

/** 64 hexadecimal digits that a name stands for. */
export function idFrom(name: string): string {
  return Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64);
}

function statusOf(container: Container | undefined): ContainerStatus | undefined {
  if (container === undefined) return undefined;
  const { id, metadata, state, createdAt } = container;
  return createMessage(ContainerStatus, { id, metadata, state, createdAt });
}

function show(request: unknown): string {
  return JSON.stringify(request, (_key, value) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}
