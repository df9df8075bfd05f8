import type { LinuxContainerResources } from "../../cri/gen/runtime/v1/api.ts";

/** The limits with those in them that the change sets: what is zero or empty stays as it was. */
export function mergeLimits(
  before: LinuxContainerResources | undefined,
  change: LinuxContainerResources | undefined,
): LinuxContainerResources | undefined {
  if (change === undefined) return before;
  const set = Object.entries(change).filter(([, value]) => isSet(value));
  return { ...change, ...before, ...Object.fromEntries(set) };
}

function isSet(value: unknown): boolean {
  return typeof value === "object" && value !== null
    ? Object.keys(value).length > 0
    : Boolean(value);
}
