import type { CallOptions } from "../../cri/services.ts";

/** One signal for what bounds a call: the caller's own and its deadline. Nothing where neither is set. */
export function callSignal(options: CallOptions): { signal?: AbortSignal } {
  const { signal, timeoutMs = 0 } = options;
  if (timeoutMs <= 0) return signal === undefined ? {} : { signal };
  const deadline = AbortSignal.timeout(timeoutMs);
  return { signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]) };
}
