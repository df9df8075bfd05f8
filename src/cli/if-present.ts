import { hasCode } from "../errors/status-error.ts";

/** What a call answers; undefined where its object went since the list that named it. */
export async function ifPresent<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (hasCode(error, "NotFound")) return undefined;
    throw error;
  }
}
