import type { Context } from "../../cli/context.ts";
import { escapeControl } from "../../output/escape-control.ts";

/** What a shell knows of the runtime that it talks to. */
export interface RuntimeFacts {
  /** As the prompt has it: `containerd`, `embedded`. */
  readonly name: string;
  /** `containerd 1.6.20 at unix:///run/containerd/containerd.sock` */
  readonly line: string;
  /** Each listener gets every event: a shell that listens takes none from the kubelet. */
  readonly sharesEvents: boolean;
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
  return { name, line, sharesEvents: sharesEvents(runtimeName, runtimeVersion) };
}

/** The first versions that have events for more than one listener; containerd 1.6 has none at all. */
const SHARING_SINCE: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  containerd: [2, 0],
  "cri-o": [1, 28],
  crish: [0, 0],
};

function sharesEvents(runtimeName: string, version: string): boolean {
  const since = SHARING_SINCE[runtimeName];
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  if (since === undefined || major === undefined) return false;
  const ahead = Number(major) - since[0] || Number(minor) - since[1];
  return ahead >= 0;
}
