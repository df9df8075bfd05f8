import type { Codec } from "./methods.ts";

const EMPTY = new Uint8Array(0);

/**
 * A message with the given fields set and every other field at its proto3 default.
 * `createMessage(ContainerFilter, { id: "4f" })`
 */
export function createMessage<T extends object>(codec: Codec<T>, fields: Partial<T> = {}): T {
  return { ...codec.decode(EMPTY), ...fields };
}
