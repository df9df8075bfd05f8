import { lstat } from "node:fs/promises";
import { connect } from "node:net";
import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { describe } from "../../errors/describe.ts";
import { errnoText } from "../../errors/errno-text.ts";

/** What is behind an endpoint. */
export interface SocketAnswer {
  readonly endpoint: string;
  /** The settings name it; the others are where runtimes put theirs. */
  readonly isConfigured: boolean;
  readonly state: SocketState;
  /** Why, where it does not answer. */
  readonly error?: unknown;
  readonly runtimeName?: string;
  readonly runtimeVersion?: string;
  readonly apiVersion?: string;
  readonly conditions?: readonly Condition[];
}

/**
 * `absent` no file; `no-socket` something else; `stale` a socket that nobody listens on; `refused` no
 * permission; `silent` it takes connections and does not answer; `other` it answers, but not as CRI.
 */
type SocketState =
  | "absent"
  | "no-socket"
  | "stale"
  | "refused"
  | "unreachable"
  | "silent"
  | "other"
  | "answers";

interface Condition {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
}

const CONNECT_MS = 1_500;
const CALL_MS = 2_500;

/** Asks who is there. Never rejects but for a malformed endpoint. */
export async function probeSocket(
  text: string,
  isConfigured: boolean,
  signal: AbortSignal,
): Promise<SocketAnswer> {
  const endpoint = parseEndpoint(text);
  const about = { endpoint: endpoint.text, isConfigured };
  if (endpoint.kind === "unix") {
    const state = await reach(endpoint.path);
    if (state.state !== "connected") return { ...about, ...state, state: state.state };
  }
  const { openRemote } = await import("../../cri/remote-backend.ts");
  const backend = await openRemote({
    runtimeEndpoint: text,
    connectTimeoutMs: CONNECT_MS,
    maxRetries: 0,
    signal,
  });
  const options = { timeoutMs: CALL_MS, signal };
  try {
    const [version, status] = await Promise.all([
      backend.runtime.version({ version: "0.1.0" }, options),
      backend.runtime.status({ verbose: false }, options),
    ]);
    return {
      ...about,
      state: "answers",
      runtimeName: version.runtimeName,
      runtimeVersion: version.runtimeVersion,
      apiVersion: version.runtimeApiVersion,
      conditions: status.status?.conditions ?? [],
    };
  } catch (error) {
    return { ...about, state: stateOf(error, endpoint.kind === "tcp"), error };
  } finally {
    await backend.close();
  }
}

/** Whether commands take it when they look for a runtime: one that refuses us is there as well. */
export function isChosen({ state }: SocketAnswer): boolean {
  return state === "answers" || state === "refused";
}

function stateOf(error: unknown, isTcp: boolean): SocketState {
  const { code } = error as { code?: string };
  if (code === "DeadlineExceeded" || code === "Cancelled") return "silent";
  if (code !== "Unavailable") return "other";
  // On a unix socket somebody has taken the connection already.
  return isTcp ? "unreachable" : /timed out/.test(describe(error).message) ? "silent" : "other";
}

type Reached = { state: SocketState | "connected"; error?: unknown };

async function reach(path: string): Promise<Reached> {
  try {
    if (!(await lstat(path)).isSymbolicLink() && !(await lstat(path)).isSocket()) {
      return { state: "no-socket" };
    }
  } catch (error) {
    return { state: refusalOf(error) ?? "absent", error: new Error(errnoText(error)) };
  }
  return await new Promise((resolve) => {
    const socket = connect({ path });
    const done = (reached: Reached) => {
      socket.destroy();
      resolve(reached);
    };
    socket.setTimeout(CONNECT_MS, () => done({ state: "silent" }));
    socket.once("connect", () => done({ state: "connected" }));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const state = refusalOf(error) ?? (error.code === "ENOENT" ? "absent" : "stale");
      done({ state, error: new Error(errnoText(error)) });
    });
  });
}

function refusalOf(error: unknown): "refused" | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EACCES" || code === "EPERM" ? "refused" : undefined;
}
