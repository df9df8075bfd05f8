import { sleep } from "../host/sleep.ts";
import { RegistryError } from "./registry-error.ts";

/** How long a registry may be silent and how often it is asked again. */
export interface RegistryPatience {
  /** For the head of an answer. */
  readonly answerTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly stallTimeoutMs: number;
  /** Further attempts after the first, without progress between them. */
  readonly retries: number;
  /** Doubled with each attempt, with jitter. */
  readonly firstDelayMs: number;
}

export const DEFAULT_PATIENCE: RegistryPatience = {
  answerTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  retries: 4,
  firstDelayMs: 250,
};

const LONGEST_DELAY_MS = 15_000;

export function isTransient(error: unknown): boolean {
  return error instanceof RegistryError && error.isTransient;
}

/** Waits before attempt number `attempt` (1 is the first repetition), longer where the registry asked for it. */
export async function waitBeforeRetry(
  attempt: number,
  error: unknown,
  options: { patience: RegistryPatience; signal?: AbortSignal | undefined },
): Promise<void> {
  const backoffMs = Math.min(options.patience.firstDelayMs * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  const askedMs = error instanceof RegistryError ? (error.retryAfterMs ?? 0) : 0;
  const { signal } = options;
  const delayMs = Math.max(backoffMs * (0.75 + Math.random() / 2), askedMs);
  await sleep(delayMs, signal === undefined ? {} : { signal });
}

/** Runs the work again while it fails for a reason that may pass; `isFinal` ends it earlier. */
export async function retry<T>(
  work: () => Promise<T>,
  options: {
    patience: RegistryPatience;
    signal?: AbortSignal | undefined;
    isFinal?: (error: unknown) => boolean;
  },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isOver = attempt > options.patience.retries || options.isFinal?.(error) === true;
      if (isOver || !isTransient(error)) throw error;
      await waitBeforeRetry(attempt, error, options);
    }
  }
}
