import type { CriBackend } from "../../cri/backend.ts";
import { ContainerState } from "../../cri/gen/runtime/v1/api.ts";
import { sleep } from "../../host/sleep.ts";

/** When it is worth looking at a runtime again. */
export interface Changes {
  /** Resolves at the next event, and after a while in any case; rejects once the signal aborts. */
  next(): Promise<void>;
  /** The exit status of a container, where an event told it: its removal may have followed at once. */
  exitCodeOf(containerId: string): number | undefined;
  /** Ends the stream of events. Idempotent. */
  close(): void;
}

const FIRST_MS = 100;
const LONGEST_MS = 1000;
const GROWTH = 1.5;
const GATHER_MS = 25;

/**
 * Follows GetContainerEvents where the server has it. Events only hasten the next look: they may be
 * switched off, or end with the server, and nobody is told; so the looks go on without them, less
 * and less often.
 */
export function followChanges({ runtime }: CriBackend, signal: AbortSignal): Changes {
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  const exitCodes = new Map<string, number>();
  let isNews = false;
  let wake = () => {};
  let delayMs = FIRST_MS;
  const follow = async () => {
    for await (const event of runtime.getContainerEvents({}, { signal: ended })) {
      for (const { id, state, exitCode } of event.containersStatuses) {
        if (state === ContainerState.CONTAINER_EXITED) exitCodes.set(id, exitCode);
      }
      isNews = true;
      wake();
    }
  };
  // Without events the looks are all there is.
  follow().catch(() => {});
  return {
    async next() {
      if (!isNews) {
        const early = new AbortController();
        wake = () => early.abort();
        await sleep(delayMs, { signal: AbortSignal.any([signal, early.signal]) }).catch((error) => {
          if (!early.signal.aborted || signal.aborted) throw error;
        });
      }
      // A busy node has many events, and one look sees what all of them brought.
      if (isNews) await sleep(GATHER_MS, { signal });
      delayMs = isNews ? FIRST_MS : Math.min(delayMs * GROWTH, LONGEST_MS);
      isNews = false;
    },
    exitCodeOf: (containerId) => exitCodes.get(containerId),
    close: () => ending.abort(),
  };
}
