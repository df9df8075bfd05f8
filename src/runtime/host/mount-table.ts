import { readFileSync } from "node:fs";

/** One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface MountEntry {
  readonly id: number;
  readonly parentId: number;
  /** What of the file system is mounted: `/`, or a part of it for a bind mount. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  /** `shared:N`, `master:N`, …; none for a private mount. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** What this process sees mounted, in the order of mounting. */
function readMountTable(): readonly MountEntry[] {
  return parseMountTable(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** Lines that are not well formed are left out. */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

/** The mounts on and below a directory, the newest first: in that order they can be unmounted. */
export function mountsBelow(directory: string, table = readMountTable()): readonly MountEntry[] {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`;
  return table
    .filter((entry) => entry.mountPoint === directory || entry.mountPoint.startsWith(prefix))
    .toReversed();
}

/** The mount that the path lies in, of several at one place the last, which hides the others. */
export function mountOf(path: string, table = readMountTable()): MountEntry | undefined {
  const holding = table.filter(
    ({ mountPoint }) =>
      mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`),
  );
  const longest = Math.max(...holding.map(({ mountPoint }) => mountPoint.length));
  return holding.findLast(({ mountPoint }) => mountPoint.length === longest);
}

function parseLine(line: string): MountEntry | undefined {
  const [left = "", right] = line.split(" - ", 2);
  const [id, parentId, , root, mountPoint, options, ...propagation] = left.split(" ");
  const [type, source, superOptions = ""] = right?.split(" ") ?? [];
  if (root === undefined || mountPoint === undefined || options === undefined) return undefined;
  if (type === undefined || source === undefined) return undefined;
  return {
    id: Number(id),
    parentId: Number(parentId),
    root: decodeOctal(root),
    mountPoint: decodeOctal(mountPoint),
    options: options.split(","),
    propagation: propagation.filter((field) => field !== ""),
    type: decodeOctal(type),
    source: decodeOctal(source),
    superOptions: superOptions.split(",").map(decodeOctal),
  };
}

/** The kernel writes space, tab, newline, backslash and # as three octal digits, byte by byte. */
function decodeOctal(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
