/**
 * Who a process is, beyond its number: numbers are used again, and after a reboot all of them are.
 * Recorded with every lock and intent; read from /proc/PID/stat (field 22) and the kernel's boot ID.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot at which the process started. */
  readonly startTime: number;
  readonly bootId: string;
}
