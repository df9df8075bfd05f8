import type { ImageStore } from "../cri/image-store.ts";
import { hasCode, StatusError } from "../errors/status-error.ts";
import type { Context } from "./context.ts";

/** What is asked for, in words, and what does the same for runtimes whose images crish cannot reach. */
export interface StoreTask {
  /** `save images`. */
  readonly what: string;
  readonly containerd: string;
  readonly crio: string;
  readonly docker: string;
}

/**
 * What the backend can do with images beyond CRI. Throws Unimplemented where it can do nothing, naming
 * the tool that can; a runtime that does not answer fails as in every other verb.
 */
export async function getImageStore(context: Context, task: StoreTask): Promise<ImageStore> {
  const backend = await context.backend();
  const store = await backend.imageStore();
  if (store !== undefined) return store;
  const name = await runtimeName(context);
  const tools: Readonly<Record<string, string | undefined>> = {
    containerd: task.containerd,
    "cri-o": task.crio,
    docker: task.docker,
  };
  const tool = tools[name] ?? `${task.containerd} (containerd), ${task.crio} (CRI-O)`;
  throw new StatusError(
    "Unimplemented",
    `CRI cannot ${task.what} on "${backend.endpoint}"; use: ${tool}`,
  );
}

/** Empty where the runtime does not tell. */
async function runtimeName(context: Context): Promise<string> {
  const { runtime } = await context.backend();
  try {
    const { runtimeName: name } = await runtime.version(
      { version: "" },
      { signal: context.signal },
    );
    return name.toLowerCase();
  } catch (error) {
    if (hasCode(error, "Unimplemented")) return "";
    throw error;
  }
}
