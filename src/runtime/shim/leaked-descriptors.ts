import { readdirSync, readFileSync } from "node:fs";

const O_CLOEXEC = 0o2000000;

/**
 * Entries of a child's `stdio`, from the given descriptor on, that put /dev/null over what this
 * process has inherited itself without close-on-exec: Node would hand those on.
 */
export function leakedDescriptors(from: number): "ignore"[] {
  let last = from - 1;
  for (const name of readdirSync("/proc/self/fd")) {
    const descriptor = Number(name);
    if (descriptor > last && isInheritable(descriptor)) last = descriptor;
  }
  return Array.from({ length: last - from + 1 }, () => "ignore");
}

function isInheritable(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(
      readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"),
    )?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The descriptor of the directory listing itself.
    return false;
  }
}
