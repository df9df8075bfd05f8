import { guardStop } from "../host/guard-stop.ts";
import { guardRestoration } from "../streaming/restore-guard.ts";

/**
 * Raw mode until the returned function is called, which is idempotent. The terminal is put back as
 * well when the process ends in any way that it can notice, and while it is stopped.
 */
export function holdRawMode(setRawMode: (isRaw: boolean) => void): () => void {
  const leave = () => {
    try {
      setRawMode(false);
    } catch {
      // A terminal that hung up has no mode any more.
    }
  };
  setRawMode(true);
  const liftEnd = guardRestoration(leave);
  const liftStop = guardStop({ before: leave, after: () => setRawMode(true) });
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    liftEnd();
    liftStop();
    leave();
  };
}
