const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 4_000;

/** How long to wait before a runtime that went away is asked again: twice as long each time. */
export interface RetryPace {
  /** Whether nothing was waited for since the runtime was there. */
  readonly isFresh: boolean;
  next(): number;
  reset(): void;
}

export function createRetryPace(): RetryPace {
  let retryMs = FIRST_RETRY_MS;
  return {
    get isFresh() {
      return retryMs === FIRST_RETRY_MS;
    },
    next() {
      const waitMs = retryMs;
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      return waitMs;
    },
    reset() {
      retryMs = FIRST_RETRY_MS;
    },
  };
}
