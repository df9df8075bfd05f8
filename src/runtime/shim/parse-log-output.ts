const NEWLINE = 0x0a;
const SPACE = 0x20;

/** What a process wrote, byte for byte, out of a log in the CRI format (`TIME STREAM P|F TEXT`). */
export function parseLogOutput(log: Buffer): { stdout: Buffer; stderr: Buffer } {
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (let start = 0; start < log.length; ) {
    const newline = log.indexOf(NEWLINE, start);
    const end = newline < 0 ? log.length : newline;
    const stream = log.indexOf(SPACE, start) + 1;
    const tag = log.indexOf(SPACE, stream) + 1;
    const text = log.indexOf(SPACE, tag) + 1;
    const to = log.toString("latin1", stream, tag - 1) === "stderr" ? parts.stderr : parts.stdout;
    // A full line had a newline, which is the log's own; a partial one had none.
    const isFull = log.toString("latin1", tag, text - 1) === "F";
    to.push(log.subarray(text, isFull ? end + 1 : end));
    start = end + 1;
  }
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}
