import { isTerminal } from "../is-terminal.ts";
import { isNullDevice } from "./is-null-device.ts";

/**
 * Whether a command in a container may have the descriptor for its output instead of a stream of ours.
 * runc copies what is written without a terminal, and passes over a write that fails: where one may,
 * as in a file on a full disk, it is to be ours, which is told of. A reader that goes away is no failure.
 */
export function canHandOver(fd: number): boolean {
  try {
    const facts = process.getBuiltinModule("node:fs").fstatSync(fd);
    if (facts.isFIFO() || facts.isSocket()) return true;
    return facts.isCharacterDevice() && (isNullDevice(fd) || isTerminal(fd));
  } catch {
    return false;
  }
}
