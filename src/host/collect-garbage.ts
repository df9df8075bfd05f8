/**
 * Gives back at once what is not used any more, where the runtime offers that (Bun): after a large piece
 * of work of which little is left, so that the next one does not stand on top of it.
 */
export function collectGarbage(): void {
  const { Bun } = globalThis as { Bun?: { gc(isSynchronous: boolean): void } };
  Bun?.gc(true);
}
