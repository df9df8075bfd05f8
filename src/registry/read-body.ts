import { RegistryError } from "./registry-error.ts";
import { toRegistryError } from "./to-registry-error.ts";

/**
 * The pieces of an answer's body. Rejects with a transient RegistryError when none comes for that
 * long or the connection breaks; ends the connection when the consumer stops.
 */
export async function* readBody(
  response: Response,
  context: { registry: string; stallTimeoutMs: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const { registry, stallTimeoutMs, signal } = context;
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  let hasStalled = false;
  const timer = setTimeout(() => {
    hasStalled = true;
    reader.cancel().catch(() => {});
  }, stallTimeoutMs);
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw hasStalled ? error : toRegistryError(error, { registry, signal });
      });
      if (hasStalled) break;
      if (done) return;
      timer.refresh();
      yield value;
      // The consumer's own time does not count.
      timer.refresh();
    }
  } catch (error) {
    if (!hasStalled) throw error;
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
  throw new RegistryError(
    "Unavailable",
    `the registry "${registry}" sent nothing for ${Math.round(stallTimeoutMs / 1000)} s`,
    { registry, isTransient: true },
  );
}
