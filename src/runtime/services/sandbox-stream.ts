import type {
  StreamPodSandboxesRequest,
  StreamPodSandboxesResponse,
} from "../../cri/gen/runtime/v1/api.ts";
import type { Engine } from "../engine.ts";
import { listPodSandbox } from "./sandbox-list.ts";

const PAGE_SIZE = 100;

/** StreamPodSandboxes: the same pods as ListPodSandbox, a page at a time. */
export async function* streamPodSandboxes(
  engine: Engine,
  request: StreamPodSandboxesRequest,
): AsyncIterable<StreamPodSandboxesResponse> {
  const { items } = await listPodSandbox(engine, request);
  for (let start = 0; start < items.length; start += PAGE_SIZE) {
    yield { podSandboxes: items.slice(start, start + PAGE_SIZE) };
  }
}
