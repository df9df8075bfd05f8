import { processJob } from "./job-control.ts";

/**
 * Until the returned function is called, Ctrl-Z calls `before`, stops this process, and calls `after`
 * when it goes on: for who has changed the terminal. Where no shell would continue it, nothing stops.
 */
export function aroundStop(before: () => void, after: () => void): () => void {
  const onStop = () => {
    if (!processJob.canStop()) return;
    before();
    process.kill(process.pid, "SIGSTOP");
    after();
  };
  process.on("SIGTSTP", onStop);
  return () => void process.off("SIGTSTP", onStop);
}
