import type { Container, Image, PodSandbox } from "../../cri/gen/runtime/v1/api.ts";

/** What completion asks of a runtime. Each may reject; nothing is changed by any of them. */
export interface ObjectLists {
  containers(): Promise<readonly Container[]>;
  pods(): Promise<readonly PodSandbox[]>;
  images(): Promise<readonly Image[]>;
  /** Names of the runtime handlers. */
  handlers(): Promise<readonly string[]>;
  /** The container's first process on this node; undefined where it has none, or is not known. */
  processOf(containerId: string): Promise<number | undefined>;
  /** What a directory of the container holds, by the container's own means; undefined without any. */
  listDirectory(containerId: string, path: string): Promise<readonly string[] | undefined>;
}
