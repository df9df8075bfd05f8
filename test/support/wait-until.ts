/**
 * Asks again until the answer is truthy and returns it; rejects after the deadline, with the last
 * error if there was one. For conditions that nothing signals.
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T> | T,
  options: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Truthy<T>> {
  const timeoutMs = options.timeoutMs ?? 15_000;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (isTruthy(answer)) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`${what}: not after ${timeoutMs} ms${cause ? `: ${String(cause)}` : ""}`, {
        cause,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, options.intervalMs ?? 25));
  }
}

type Truthy<T> = Exclude<T, undefined | null | false | "" | 0>;

function isTruthy<T>(value: T): value is Truthy<T> {
  return Boolean(value);
}
