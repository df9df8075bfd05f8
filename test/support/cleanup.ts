/**
 * test/support: what tests of real components need. It starts the components (containerd, a
 * registry, crish itself) in directories, ports, bridges and cgroups of their own, and takes all of
 * it down again. It holds no assertions about crish's behaviour, and src never imports it.
 *
 * Everything that is started takes a `Cleanup` and puts its own undoing on it.
 */

/** An undo stack: steps run last first, every one runs, and their failures are thrown together. */
export interface Cleanup {
  /** Puts a step on the stack; the name appears when it fails. */
  add(name: string, undo: () => Promise<void> | void): void;
  /** Runs and empties the stack. */
  run(): Promise<void>;
}

/** A stack that also runs when the process is told to end (SIGINT, SIGTERM, SIGHUP). */
export function createCleanup(): Cleanup {
  const steps: { name: string; undo: () => Promise<void> | void }[] = [];
  let isEnding = false;
  // A second signal must not end what the first one began: a whole group of processes is told, and
  // the runner tells its tests once more.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isEnding) return;
    isEnding = true;
    cleanup.run().finally(() => {
      // The last of several stacks ends the process.
      if (process.listenerCount(signal) === 0) process.exit(1);
    });
  };
  const cleanup: Cleanup = {
    add(name, undo) {
      if (steps.length === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
      steps.push({ name, undo });
    },
    async run() {
      const errors: Error[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step.undo();
        } catch (cause) {
          errors.push(new Error(`cleanup: ${step.name}: ${String(cause)}`, { cause }));
        }
      }
      for (const signal of SIGNALS) process.off(signal, onSignal);
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join("; "));
    },
  };
  return cleanup;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
