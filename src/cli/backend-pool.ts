import type { Settings } from "../config/settings.ts";
import type { CriBackend } from "../cri/backend.ts";

export interface OpenBackendOptions {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** False where no embedded runtime stands in for a socket that is not there. */
  readonly mayBeEmbedded?: boolean;
  /** Diagnostics for --debug, without a newline. */
  debug(line: string): void;
  /** What whoever asked must know of the backend, without a newline. */
  warn(line: string): void;
}

export type OpenBackend = (options: OpenBackendOptions) => Promise<CriBackend>;

/** The backends of a session, one for each choice of endpoint, opened when first wanted. */
export interface BackendPool {
  /** The backend for these settings; an attempt that failed is made again at the next call. */
  open(options: OpenBackendOptions): Promise<CriBackend>;
  /** Closes all of them. Idempotent. */
  close(): Promise<void>;
}

export function createBackendPool(openBackend: OpenBackend): BackendPool {
  const opened = new Map<string, Promise<CriBackend>>();
  return {
    open(options) {
      const key = poolKey(options);
      const known = opened.get(key);
      if (known !== undefined) return known;
      const opening = openBackend(options);
      opened.set(key, opening);
      opening.catch(() => opened.delete(key));
      return opening;
    },
    async close() {
      const closing: Promise<void>[] = [];
      for (const [, opening] of opened) closing.push(opening.then((backend) => backend.close()));
      opened.clear();
      await Promise.allSettled(closing);
    },
  };
}

function poolKey({ settings, env, mayBeEmbedded }: OpenBackendOptions): string {
  const { runtimeEndpoint, imageEndpoint, timeoutMs, connectTimeoutMs, maxRetries, transport } =
    settings;
  const roots = [env.CRISH_ROOT, env.CRISH_STATE, env.CRISH_RUNTIME_CONFIG];
  const limits = [timeoutMs, connectTimeoutMs, maxRetries];
  const choice = [runtimeEndpoint, imageEndpoint, transport, mayBeEmbedded];
  return JSON.stringify([...choice, ...limits, ...roots]);
}
