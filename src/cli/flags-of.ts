import type { CommandSpec, FlagSpec } from "./command.ts";

const DESTROY_FLAGS: readonly FlagSpec[] = [
  { name: "yes", short: "y", type: "boolean", meaning: "do not ask, however many they are" },
  { name: "dry-run", type: "boolean", meaning: "only tell what would be done, to which of them" },
];

/**
 * Every flag of a verb: those that its specification lists, and those that follow from the rest of
 * it. What reads flags of a verb (parser, help, completion, manual) reads them here.
 */
export function flagsOf(spec: CommandSpec): readonly FlagSpec[] {
  return spec.destroys === undefined ? spec.flags : [...spec.flags, ...DESTROY_FLAGS];
}
