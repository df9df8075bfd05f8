import type { CommandSpec, FlagSpec } from "../command.ts";
import type { Candidate, CandidateSource } from "./candidate.ts";
import { flagNamed, type KnownFlags, type ScannedBefore } from "./scan-before.ts";

interface FlagRequest {
  readonly current: string;
  readonly candidates: CandidateSource;
}

const HELP_FLAG: FlagSpec = { name: "help", type: "boolean", meaning: "print help and leave" };

/** For a word that begins with a dash: flags, or the value behind the `=` of one. */
export async function flagCandidates(
  known: KnownFlags,
  scanned: ScannedBefore,
  request: FlagRequest,
  spec?: CommandSpec,
): Promise<readonly Candidate[]> {
  const { current } = request;
  const equals = current.indexOf("=");
  if (equals >= 0) return await attachedValues(equals, known, scanned, request, spec);
  const all = [...known.flags, ...known.longOnly];
  const flags = all.some(({ name }) => name === "help") ? all : [...all, HELP_FLAG];
  const offered = flags.filter((flag) => flag.hidden !== true && mayFollow(flag, scanned, all));
  const long = offered.map(({ name, meaning }) => ({ text: `--${name}`, note: meaning }));
  if (current.startsWith("--")) return long;
  const short = offered.flatMap((flag) =>
    flag.short === undefined || !known.flags.includes(flag)
      ? []
      : [{ text: `-${flag.short}`, note: flag.meaning }],
  );
  return current === "-" ? [...long, ...short] : short;
}

/** For the value of a flag that stands in a word of its own. */
export async function flagValueCandidates(
  flag: FlagSpec,
  scanned: ScannedBefore,
  { current, candidates }: FlagRequest,
  spec?: CommandSpec,
): Promise<readonly Candidate[]> {
  return await valuesOf(flag, { prefix: current, scanned, candidates, spec });
}

async function attachedValues(
  equals: number,
  known: KnownFlags,
  scanned: ScannedBefore,
  { current, candidates }: FlagRequest,
  spec: CommandSpec | undefined,
): Promise<readonly Candidate[]> {
  const typed = current.slice(0, equals);
  const attachedTo = current.slice(0, equals + 1);
  const flag =
    typed.length === 2
      ? known.flags.find(({ short }) => `-${short}` === typed)
      : flagNamed(typed.replace(/^--?/, ""), known);
  if (flag === undefined) return [];
  const prefix = current.slice(equals + 1);
  const values = await valuesOf(flag, { prefix, scanned, candidates, spec, attachedTo });
  return values.map((value) => ({ ...value, text: attachedTo + value.text }));
}

interface ValueRequest {
  readonly prefix: string;
  readonly scanned: ScannedBefore;
  readonly candidates: CandidateSource;
  readonly spec: CommandSpec | undefined;
  readonly attachedTo?: string;
}

async function valuesOf(flag: FlagSpec, request: ValueRequest): Promise<readonly Candidate[]> {
  const { prefix, scanned, candidates, spec, attachedTo } = request;
  const standard = (text: string): Candidate => ({
    text,
    ...(text === flag.default ? { note: "default" } : {}),
    // As in KEY=VALUE, of which the value is still to come.
    ...(text.endsWith("=") ? { isPartial: true } : {}),
  });
  if (flag.type === "boolean") return ["true", "false"].map((text) => ({ text }));
  if (flag.values !== undefined) return flag.values.map(standard);
  const kind = flag.completion ?? (flag.type === "path" ? "file" : "none");
  if (typeof kind === "object") return kind.values.map(standard);
  if (kind === "none") return [];
  return await candidates({
    kind,
    prefix,
    given: flag.repeat === true ? (scanned.given.get(flag) ?? []) : [],
    states: undefined,
    container: kind === "container-path" && spec !== undefined ? scanned.positionals[0] : undefined,
    attachedTo,
  });
}

/** Not again unless it repeats, and not beside one that excludes it. */
function mayFollow(flag: FlagSpec, { given }: ScannedBefore, all: readonly FlagSpec[]): boolean {
  if (given.has(flag)) return flag.repeat === true;
  return !all.some(
    (other) =>
      isOn(given.get(other)) &&
      (other.exclusive?.includes(flag.name) || flag.exclusive?.includes(other.name)),
  );
}

function isOn(values: readonly string[] | undefined): boolean {
  return values !== undefined && values.at(-1) !== "false";
}
