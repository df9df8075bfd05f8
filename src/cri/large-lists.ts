import { hasCode, StatusError } from "../errors/status-error.ts";
import { collectGarbage } from "../host/collect-garbage.ts";
import { callTimeoutMs } from "./call-deadlines.ts";
import type { ImageMethod, RuntimeMethod } from "./methods.ts";
import type { CallOptions, ImageService, RuntimeService } from "./services.ts";

/** A list of that length is asked for in parts the next time. */
const MANY_ITEMS = 5_000;
/** For the one answer of a server that has a longer list than a message usually is, and no parts. */
const LARGE_MESSAGE_BYTES = 512 * 1024 * 1024;

/**
 * The service with lists of any length: where an answer is larger than one message may be, and where
 * the one before was long, it is taken in parts by the Stream* call; from a server that lacks those,
 * as one message beyond the usual limit. What a server can is remembered, for each list by itself.
 */
export function withLargeLists(service: RuntimeService): RuntimeService {
  return {
    ...service,
    listContainers: largeList({
      method: "listContainers",
      list: service.listContainers,
      itemsOf: ({ containers }) => containers,
      stream: service.streamContainers,
      partOf: ({ containers }) => containers,
      toAnswer: (containers) => ({ containers }),
    }),
    listPodSandbox: largeList({
      method: "listPodSandbox",
      list: service.listPodSandbox,
      itemsOf: ({ items }) => items,
      stream: service.streamPodSandboxes,
      partOf: ({ podSandboxes }) => podSandboxes,
      toAnswer: (items) => ({ items }),
    }),
    listContainerStats: largeList({
      method: "listContainerStats",
      list: service.listContainerStats,
      itemsOf: ({ stats }) => stats,
      stream: service.streamContainerStats,
      partOf: ({ containerStats }) => containerStats,
      toAnswer: (stats) => ({ stats }),
    }),
    listPodSandboxStats: largeList({
      method: "listPodSandboxStats",
      list: service.listPodSandboxStats,
      itemsOf: ({ stats }) => stats,
      stream: service.streamPodSandboxStats,
      partOf: ({ podSandboxStats }) => podSandboxStats,
      toAnswer: (stats) => ({ stats }),
    }),
    listPodSandboxMetrics: largeList({
      method: "listPodSandboxMetrics",
      list: service.listPodSandboxMetrics,
      itemsOf: ({ podMetrics }) => podMetrics,
      stream: service.streamPodSandboxMetrics,
      partOf: ({ podSandboxMetrics }) => podSandboxMetrics,
      toAnswer: (podMetrics) => ({ podMetrics }),
    }),
  };
}

/** The same for images. */
export function withLargeImageLists(service: ImageService): ImageService {
  return {
    ...service,
    listImages: largeList({
      method: "listImages",
      list: service.listImages,
      itemsOf: ({ images }) => images,
      stream: service.streamImages,
      partOf: ({ images }) => images,
      toAnswer: (images) => ({ images }),
    }),
  };
}

interface ListCalls<Request, Answer, Part, Item> {
  readonly method: RuntimeMethod | ImageMethod;
  list(request: Request, options?: CallOptions): Promise<Answer>;
  itemsOf(answer: Answer): readonly Item[];
  stream(request: Request, options?: CallOptions): AsyncIterable<Part>;
  partOf(part: Part): readonly Item[];
  toAnswer(items: Item[]): Answer;
}

function largeList<Request extends object, Answer, Part, Item>(
  calls: ListCalls<Request, Answer, Part, Item>,
): (request: Request, options?: CallOptions) => Promise<Answer> {
  let way: "usual" | "parts" | "large" = "usual";

  async function inParts(request: Request, options: CallOptions): Promise<Answer> {
    const timeoutMs = options.timeoutMs ?? callTimeoutMs(calls.method, request);
    const items: Item[] = [];
    for await (const part of calls.stream(request, { ...options, timeoutMs })) {
      for (const item of calls.partOf(part)) items.push(item);
    }
    return calls.toAnswer(items);
  }

  async function inAnyWay(request: Request, options: CallOptions): Promise<Answer> {
    if (way === "usual") {
      try {
        const answer = await calls.list(request, options);
        if (calls.itemsOf(answer).length > MANY_ITEMS) way = "parts";
        return answer;
      } catch (error) {
        if (!hasCode(error, "ResourceExhausted")) throw error;
        way = "parts";
      }
    }
    if (way === "parts") {
      try {
        return await inParts(request, options);
      } catch (error) {
        if (!hasCode(error, "Unimplemented")) throw error;
        way = "large";
      }
    }
    return await inOneMessage(calls, request, options);
  }

  return async (request, options = {}) => {
    const answer = await inAnyWay(request, options);
    // The messages, and what was made of them on the way, take more than the list itself.
    if (calls.itemsOf(answer).length > MANY_ITEMS) collectGarbage();
    return answer;
  };
}

async function inOneMessage<Request, Answer>(
  { list }: Pick<ListCalls<Request, Answer, unknown, unknown>, "list">,
  request: Request,
  options: CallOptions,
): Promise<Answer> {
  try {
    return await list(request, { ...options, maxMessageBytes: LARGE_MESSAGE_BYTES });
  } catch (cause) {
    if (!hasCode(cause, "ResourceExhausted")) throw cause;
    throw new StatusError("ResourceExhausted", "the list is larger than the runtime can send", {
      cause,
      hint: "a runtime with the Stream* calls of CRI sends it in parts: upgrade it, or remove what has ended",
    });
  }
}
