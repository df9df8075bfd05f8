import { statSync } from "node:fs";
import { StatusError } from "../../errors/status-error.ts";
import { findCompressedTail, openCompressedLog } from "./compressed-log.ts";
import { findSince } from "./find-since.ts";
import { type ByteRange, findTail } from "./find-tail.ts";
import type { LogStream } from "./log-entry.ts";
import { listRotatedLogs, type RotatedLog } from "./log-files.ts";
import { FileSection, type LogSection } from "./log-section.ts";
import type { LogTime } from "./log-time.ts";
import { type LogFile, openLogFile } from "./open-log-file.ts";

/** Opens the section when its turn has come; undefined where its file is gone by then. */
export type LaterSection = () => Promise<LogSection | undefined>;

export interface ReadingPlan {
  /** What is read before the current file, in order. */
  readonly before: readonly LaterSection[];
  /** Of the current file; the last of them has no end where the log is followed. */
  readonly ranges: readonly ByteRange[];
}

export interface PlanOptions {
  /** Asked while this log is followed, whether more may come; undefined to end with what is there. */
  readonly follow?: (() => Promise<boolean>) | undefined;
  /** Only that many last lines; undefined for all. */
  readonly tailLines?: number | undefined;
  readonly stream?: LogStream | undefined;
  readonly since?: LogTime | undefined;
  /** Told what cannot be read of a rotated file; the rest is read all the same. */
  readonly warn?: ((error: unknown) => void) | undefined;
}

/** Which files of a log, and which parts of them, hold what is wanted. */
export async function planReading(current: LogFile, options: PlanOptions): Promise<ReadingPlan> {
  const { tailLines, stream, since } = options;
  const { size } = current.stat();
  const end = options.follow === undefined ? size : Number.POSITIVE_INFINITY;
  if (tailLines === undefined) {
    const start = findSince(current.fd, { since, sizeBytes: size });
    const rotated = await rotatedBefore(current, options);
    const before = rotated.map((file) => laterSection(file, options));
    return { before, ranges: [{ start, end }] };
  }
  const tail = findTail(current.fd, { lines: tailLines, sizeBytes: size, stream });
  const ranges = [
    ...tail.ranges.filter((range) => range.end !== size),
    { start: tail.ranges.at(-1)?.start ?? size, end },
  ];
  const before: LaterSection[] = [];
  const rotated = tail.missing > 0 ? [...(await rotatedBefore(current, options))] : [];
  let { missing } = tail;
  for (let file = rotated.pop(); file !== undefined && missing > 0; file = rotated.pop()) {
    const found = await tailOf(file, { ...options, lines: missing });
    missing = found.missing;
    before.unshift(found.section);
  }
  return { before, ranges };
}

/** The rotated files of the log, the oldest first, without those that ended before `since`. */
async function rotatedBefore(
  current: LogFile,
  { since }: PlanOptions,
): Promise<readonly RotatedLog[]> {
  const { ino, dev } = current.stat();
  return (await listRotatedLogs(current.path)).filter(({ path }) => {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return false;
    // It was rotated after it had been opened.
    if (facts.ino === ino && facts.dev === dev) return false;
    return since === undefined || facts.mtimeMs / 1000 >= since.seconds;
  });
}

async function tailOf(
  file: RotatedLog,
  options: PlanOptions & { readonly lines: number },
): Promise<{ readonly section: LaterSection; readonly missing: number }> {
  if (file.isCompressed) {
    const { from, missing } = await findCompressedTail(file.path, options);
    return { section: laterSection(file, { ...options, from }), missing };
  }
  const opened = openLogFile(file.path);
  if (opened === undefined) return { section: async () => undefined, missing: options.lines };
  const { size } = opened.stat();
  const { ranges, missing } = findTail(opened.fd, { ...options, sizeBytes: size });
  opened.close();
  return { section: laterSection(file, { ...options, ranges }), missing };
}

/** A rotated file, whole or from where its tail begins. */
export function laterSection(
  { path, isCompressed }: RotatedLog,
  options: {
    readonly warn?: ((error: unknown) => void) | undefined;
    readonly from?: number;
    readonly ranges?: readonly ByteRange[];
    /** Where that is known to leave out only what is older. */
    readonly since?: LogTime | undefined;
  },
): LaterSection {
  const openCompressed = async (name: string): Promise<LogSection | undefined> => {
    if (statSync(name, { throwIfNoEntry: false }) === undefined) return undefined;
    const warn = (cause: unknown) =>
      options.warn?.(new StatusError("DataLoss", `cannot read all of "${name}"`, { cause }));
    return await openCompressedLog(name, { from: options.from ?? 0, warn });
  };
  return async () => {
    if (isCompressed) return await openCompressed(path);
    const file = openLogFile(path);
    // Meanwhile it may have been compressed.
    if (file === undefined) return await openCompressed(`${path}.gz`);
    return new FileSection(file, options.ranges ?? [sinceRange(file, options.since)]);
  };
}

function sinceRange(file: LogFile, since: LogTime | undefined): ByteRange {
  const { size } = file.stat();
  return { start: findSince(file.fd, { since, sizeBytes: size }), end: size };
}
