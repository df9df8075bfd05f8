import type { ContainerEventResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { RuntimeService } from "../../cri/services.ts";
import { isConnectError } from "../../cri/wire-error.ts";
import { hasCode } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";

export interface FollowOptions {
  readonly runtime: Pick<RuntimeService, "getContainerEvents" | "version">;
  readonly signal: AbortSignal;
  /** The stream has ended and is asked for again; told once, however often that fails. */
  onLost(): Promise<void>;
  /** It is there again. What happened in between nobody tells. */
  onBack(lostForMs: number): Promise<void>;
}

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 4_000;
/** A stream that lived that long was a good one: the next loss is a new one. */
const GOOD_STREAM_MS = 10_000;
const PROBE_TIMEOUT_MS = 2_000;

/**
 * What happens to containers from now on, also beyond a restart of the runtime, until the signal
 * aborts. Rejects where the runtime cannot be reached at first or refuses, and when it aborts.
 */
export async function* followEvents(
  options: FollowOptions,
): AsyncGenerator<ContainerEventResponse> {
  const { runtime, signal } = options;
  let wasReached = false;
  let retryMs = FIRST_RETRY_MS;
  while (true) {
    const openedAtMs = performance.now();
    try {
      for await (const event of runtime.getContainerEvents({}, { signal })) {
        wasReached = true;
        retryMs = FIRST_RETRY_MS;
        yield event;
      }
    } catch (error) {
      const isLost = hasCode(error, "Unavailable") && (wasReached || !isConnectError(error));
      if (signal.aborted || !isLost) throw error;
    }
    wasReached = true;
    const lostAtMs = performance.now();
    if (lostAtMs - openedAtMs > GOOD_STREAM_MS) retryMs = FIRST_RETRY_MS;
    const isFirstLoss = retryMs === FIRST_RETRY_MS;
    if (isFirstLoss) await options.onLost();
    do {
      await sleep(retryMs, { signal });
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    } while (!(await answers(options)));
    if (isFirstLoss) await options.onBack(performance.now() - lostAtMs);
  }
}

async function answers({ runtime, signal }: FollowOptions): Promise<boolean> {
  try {
    await runtime.version({ version: "" }, { signal, timeoutMs: PROBE_TIMEOUT_MS });
    return true;
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}
