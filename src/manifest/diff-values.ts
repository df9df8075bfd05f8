/** The paths at which two JSON values differ, in the order of the second; `before` may lack them. */
export function diffValues(before: unknown, after: unknown, path = ""): string[] {
  if (Object.is(before, after)) return [];
  if (
    !isContainer(before) ||
    !isContainer(after) ||
    Array.isArray(before) !== Array.isArray(after)
  ) {
    return [path];
  }
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].flatMap((key) => {
    const step = Array.isArray(after) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    return diffValues(read(before, key), read(after, key), step);
  });
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function read(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
