import type { CriBackend } from "../cri/backend.ts";
import { StatusError } from "../errors/status-error.ts";
import { connectEarly, type EarlySocket } from "../host/connect-early.ts";

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
  /** Opens the socket as a backend, on a connection that stands already, without sending anything. */
  open(endpoint: string, early: EarlySocket): Promise<CriBackend>;
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

async function opened(
  { open }: DetectOptions,
  path: string,
  socket: EarlySocket,
): Promise<CriBackend> {
  try {
    return await open(`unix://${path}`, socket);
  } catch (error) {
    socket.close();
    throw error;
  }
}

type Attempt = CriBackend | "absent" | "refused";

async function tryPath(path: string, options: DetectOptions): Promise<Attempt> {
  const socket = await reach(path, options.connectTimeoutMs);
  if (socket === "refused") options.debug(`no permission for ${path}`);
  if (typeof socket === "string") return socket;
  const backend = await opened(options, path, socket);
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

/** Connects, and says nothing: no call is made, and made again, on a socket that nobody serves any more. */
async function reach(path: string, timeoutMs: number): Promise<EarlySocket | "absent" | "refused"> {
  const socket = connectEarly({ path });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(undefined), timeoutMs);
  try {
    await Promise.race([socket.opened, late.promise]);
    return socket;
  } catch (error) {
    socket.close();
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    return code === "EACCES" || code === "EPERM" ? "refused" : "absent";
  } finally {
    clearTimeout(timer);
  }
}

async function closeOthers(attempts: readonly Promise<Attempt>[]): Promise<void> {
  for (const settled of await Promise.allSettled(attempts)) {
    if (settled.status === "fulfilled" && typeof settled.value === "object") {
      await settled.value.close();
    }
  }
}
