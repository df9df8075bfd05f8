import type { ContainerEventResponse } from "../../cri/gen/runtime/v1/api.ts";
import type { RuntimeService } from "../../cri/services.ts";
import { isConnectError } from "../../cri/wire-error.ts";
import { hasCode } from "../../errors/status-error.ts";
import { sleep } from "../../host/sleep.ts";
import { createRetryPace } from "../retry-pace.ts";

export interface FollowOptions {
  readonly runtime: Pick<RuntimeService, "getContainerEvents" | "version">;
  readonly signal: AbortSignal;
  /** The stream has ended and is asked for again; told once, however often that fails. */
  onLost(): Promise<void>;
  /** It is there again. What happened in between nobody tells. */
  onBack(lostForMs: number): Promise<void>;
}

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
  const pace = createRetryPace();
  while (true) {
    const openedAtMs = performance.now();
    try {
      for await (const event of runtime.getContainerEvents({}, { signal })) {
        wasReached = true;
        pace.reset();
        yield event;
      }
    } catch (error) {
      const isLost = hasCode(error, "Unavailable") && (wasReached || !isConnectError(error));
      if (signal.aborted || !isLost) throw error;
    }
    wasReached = true;
    const lostAtMs = performance.now();
    if (lostAtMs - openedAtMs > GOOD_STREAM_MS) pace.reset();
    const isFirstLoss = pace.isFresh;
    if (isFirstLoss) await options.onLost();
    do {
      await sleep(pace.next(), { signal });
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
