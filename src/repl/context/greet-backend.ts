import type { Context } from "../../cli/context.ts";
import { escapeControl } from "../../output/escape-control.ts";

/** What a shell knows of the runtime that it talks to. */
export interface RuntimeFacts {
  /** As the prompt has it: `containerd`, `embedded`. */
  readonly name: string;
  /** `containerd 1.6.20 at unix:///run/containerd/containerd.sock` */
  readonly line: string;
}

const PATIENCE_MS = 2000;

/** Asks the runtime who it is. Rejects with DeadlineExceeded where it takes longer than that. */
export async function greetBackend(
  context: Context,
  timeoutMs = PATIENCE_MS,
): Promise<RuntimeFacts> {
  const backend = await context.backend();
  const { runtimeName, runtimeVersion } = await backend.runtime.version(
    { version: "" },
    { signal: context.signal, timeoutMs },
  );
  const name = backend.kind === "embedded" ? "embedded" : escapeControl(runtimeName);
  const line = `${escapeControl(`${runtimeName} ${runtimeVersion}`)} at ${backend.endpoint}`;
  return { name, line };
}
