import { accessSync } from "node:fs";
import type { CriBackend } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import { connectSocket } from "../host/connect-socket.ts";

/** Where runtimes put their sockets, the one that is preferred first. */
export const KNOWN_SOCKETS: readonly string[] = [
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/var/run/cri-dockerd.sock",
  "/run/k3s/containerd/containerd.sock",
];

export interface DetectOptions {
  readonly sockets?: readonly string[];
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Opens the socket as a backend, without sending anything. */
  open(endpoint: string): Promise<CriBackend>;
  debug(line: string): void;
}

/**
 * The first of the known sockets that exists and answers as CRI, opened; all are tried at once.
 * Undefined where none does. Throws PermissionDenied where the only ones there refuse us: what runs
 * behind them must not be passed over in silence.
 */
export async function detectEndpoint(options: DetectOptions): Promise<CriBackend | undefined> {
  const attempts = (options.sockets ?? KNOWN_SOCKETS).map((path) => tryPath(path, options));
  // The first that rejects ends the loop; the others then reject with nobody waiting.
  for (const attempt of attempts) attempt.catch(() => undefined);
  let refused: string | undefined;
  for (const [index, attempt] of attempts.entries()) {
    const result = await attempt;
    if (result === "refused") refused ??= (options.sockets ?? KNOWN_SOCKETS)[index];
    if (typeof result === "object") {
      void closeOthers(attempts.slice(index + 1));
      return result;
    }
  }
  if (refused === undefined) return undefined;
  throw new StatusError("PermissionDenied", `no permission to use the socket "${refused}"`, {
    hint: "run as root, or choose the runtime of crish with -r embedded:",
  });
}

type Attempt = CriBackend | "absent" | "refused";

async function tryPath(path: string, options: DetectOptions): Promise<Attempt> {
  const reached = await probe(path, options.connectTimeoutMs);
  if (reached !== "connected") {
    if (reached === "refused") options.debug(`no permission for ${path}`);
    return reached;
  }
  const backend = await options.open(`unix://${path}`);
  try {
    const { connectTimeoutMs: timeoutMs, signal } = options;
    await backend.runtime.version({ version: "0.1.0" }, { timeoutMs, signal });
    return backend;
  } catch (error) {
    await backend.close();
    if (options.signal.aborted) throw error;
    options.debug(`${path} does not answer as CRI: ${String(error)}`);
    return "absent";
  }
}

type Reached = "connected" | "absent" | "refused";

/** Connects and hangs up: no call is made, and made again, on a socket that nobody serves any more. */
async function probe(path: string, timeoutMs: number): Promise<Reached> {
  try {
    accessSync(path);
  } catch (error) {
    return toReached(error as NodeJS.ErrnoException);
  }
  return await new Promise((resolve) => {
    const done = (result: Reached) => {
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    const timer = setTimeout(() => done("absent"), timeoutMs);
    const socket = connectSocket(
      { path },
      {
        onOpen: () => done("connected"),
        onData: () => {},
        onDrain: () => {},
        onClose: (error) => done(toReached(error)),
      },
    );
  });
}

function toReached(error: NodeJS.ErrnoException | undefined): Reached {
  return error?.code === "EACCES" || error?.code === "EPERM" ? "refused" : "absent";
}

async function closeOthers(attempts: readonly Promise<Attempt>[]): Promise<void> {
  for (const settled of await Promise.allSettled(attempts)) {
    if (settled.status === "fulfilled" && typeof settled.value === "object") {
      await settled.value.close();
    }
  }
}
