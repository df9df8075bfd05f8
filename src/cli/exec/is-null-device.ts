/** Of /dev/null on Linux: 1, 3. */
const NULL_DEVICE = 0x103;

/** Whether the descriptor is /dev/null, from which nothing but the end can be read. */
export function isNullDevice(fd: number | undefined): boolean {
  if (fd === undefined) return false;
  try {
    const facts = process.getBuiltinModule("node:fs").fstatSync(fd);
    return facts.isCharacterDevice() && facts.rdev === NULL_DEVICE;
  } catch {
    return false;
  }
}
