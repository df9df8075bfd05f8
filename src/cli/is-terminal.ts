import { quickFiles } from "../host/quick-files.ts";

/** /dev/null and its like: character devices that are no terminals. */
const MEMORY_DEVICES = 1;

/**
 * Whether a terminal is at the descriptor. node:tty takes milliseconds to load: it is asked only
 * about what can be a terminal at all.
 */
export function isTerminal(fd: number): boolean {
  const quick = quickFiles();
  if (quick !== undefined) return quick.isTerminal(fd);
  try {
    const facts = process.getBuiltinModule("node:fs").fstatSync(fd);
    if (!facts.isCharacterDevice() || majorOf(facts.rdev) === MEMORY_DEVICES) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule("node:tty").isatty(fd);
}

/** The lower twelve bits of the major number, which all devices but exotic ones have. */
function majorOf(rdev: number): number {
  return (rdev >>> 8) & 0xfff;
}
