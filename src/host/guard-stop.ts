import { processJob } from "./job-control.ts";

/**
 * Runs `before` when this process is about to be stopped by a SIGTSTP from outside, and `after`
 * when it goes on. Where no shell waits for the job it is not stopped, for nobody could continue it.
 * Returns what lifts the guard. Guards may be nested: all of them run before the process stops.
 */
export function guardStop(options: { before(): void; after(): void }): () => void {
  let isStopped = false;
  const onStop = () => {
    if (!processJob.canStop()) return;
    isStopped = true;
    options.before();
    const isLast = process.listeners("SIGTSTP").at(-1) === onStop;
    if (isLast) process.kill(process.pid, "SIGSTOP");
  };
  const onContinue = () => {
    if (!isStopped) return;
    isStopped = false;
    options.after();
  };
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", onContinue);
  return () => {
    process.off("SIGTSTP", onStop);
    process.off("SIGCONT", onContinue);
  };
}
