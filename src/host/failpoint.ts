/**
 * A named moment at which a test can have this process die as by `kill -9`: the one whose name is in
 * CRISH_FAILPOINT. Costs one comparison otherwise. Names: `<intent kind>:intent` after an intent is
 * written, `<intent kind>:outcome` after the effects and before the outcome is.
 */
export function failpoint(name: string): void {
  if (process.env.CRISH_FAILPOINT !== name) return;
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered at the latest when the kernel next returns to this process: not one step more.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
