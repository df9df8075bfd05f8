import type { CallOptions } from "../../cri/services.ts";

/** What bounds a call: its deadline is in the signal already. Nothing where neither is set. */
export function callSignal({ signal }: CallOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
