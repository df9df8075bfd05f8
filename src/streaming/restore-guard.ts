/**
 * Runs `restore` when the process ends in any way it can notice: exit, uncaught exception, TERM,
 * HUP, INT, QUIT. A signal that nobody else handles then ends the process as it would have; one that
 * somebody handles may not end it at all, and where it does, its exit restores.
 * Returns what lifts the guard; it does not restore.
 */
export function guardRestoration(restore: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isHandled(signal)) return;
    restore();
    lift();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const lift = (): void => {
    guards.delete(onSignal);
    process.off("exit", restore);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  guards.add(onSignal);
  process.on("exit", restore);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return lift;
}

const SIGNALS = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;
const guards = new Set<unknown>();

function isHandled(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).some((listener) => !guards.has(listener));
}
