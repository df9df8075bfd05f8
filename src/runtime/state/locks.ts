/**
 * Owned locks: one per pod, container, image name and chain ID, held across effects, in the database
 * so that every crish process on the root sees them. A lock whose owner no longer lives is free.
 */
export interface Locks {
  /**
   * Waits until the lock is ours, runs the work and releases it, whatever happens. Not reentrant.
   * Names: `pod:<id>`, `container:<id>`, `chain:<digest>`, `blob:<digest>`, `image:<id>`, `network`.
   */
  withLock<T>(name: string, options: { signal?: AbortSignal }, work: () => Promise<T>): Promise<T>;
  /** Like withLock, but resolves to undefined at once when another living process holds it. */
  tryWithLock<T>(name: string, work: () => Promise<T>): Promise<T | undefined>;
}
