import { parseEndpoint } from "../../cri/parse-endpoint.ts";
import { toCancelled } from "../../host/sleep.ts";
import { CHECKS } from "./checks.ts";
import { type Check, type Doctor, type Finding, fail, type Level } from "./finding.ts";
import { findingOf } from "./finding-of.ts";
import { isChosen } from "./probe-socket.ts";

/** The stable shape of `doctor -o json`. */
export interface DoctorReport {
  /** The worst level found, `unchecked` not counting. */
  readonly level: Exclude<Level, "unchecked">;
  readonly counts: Readonly<Record<Level, number>>;
  /** The runtime that commands use on this node: an endpoint, or `embedded:`. */
  readonly runtime: string;
  readonly checks: readonly CheckReport[];
}

export interface CheckReport {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** A check that takes longer is given up, and says so. */
const CHECK_MS = 5_000;

/** Runs the checks of these names (all where none is named), all at once. */
export async function runChecks(
  doctor: Doctor,
  options: {
    readonly ids: readonly string[];
    readonly signal: AbortSignal;
    readonly checks?: readonly Check[];
    readonly checkMs?: number;
  },
): Promise<DoctorReport> {
  const { ids, signal, checks = CHECKS, checkMs = CHECK_MS } = options;
  const wanted = checks.filter(({ id }) => ids.length === 0 || ids.includes(id));
  const [runtime, ...found] = await Promise.all([
    chosenRuntime(doctor),
    ...wanted.map((check) => runCheck(check, doctor, { signal, checkMs })),
  ]);
  const reports = wanted.map(({ id, title, embedded }, index): CheckReport => {
    const findings = found[index] ?? [];
    const isSpared = embedded && runtime !== "embedded:";
    return { id, title, findings: isSpared ? findings.map(asWarning) : findings };
  });
  const counts = { ok: 0, warn: 0, fail: 0, unchecked: 0 };
  for (const { level } of reports.flatMap(({ findings }) => findings)) counts[level] += 1;
  const level = counts.fail > 0 ? "fail" : counts.warn > 0 ? "warn" : "ok";
  return { level, counts, runtime, checks: reports };
}

async function runCheck(
  check: Check,
  doctor: Doctor,
  { signal, checkMs }: { signal: AbortSignal; checkMs: number },
): Promise<readonly Finding[]> {
  const over = new AbortController();
  const { promise: late, resolve, reject } = Promise.withResolvers<readonly Finding[]>();
  const onAbort = () => reject(toCancelled(signal, signal.reason));
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => {
    over.abort();
    const text = `the check took longer than ${checkMs / 1000} s and was given up`;
    resolve([fail(`${check.id}.time`, text, "something that it asks hangs: see --debug, dmesg")]);
  }, checkMs);
  const ends = AbortSignal.any([over.signal, signal]);
  const work = check.run(doctor, ends).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return [findingOf(check.id, error)];
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    over.abort();
  }
}

/** As commands choose it, but for what does not answer: that is found by the check of the sockets. */
async function chosenRuntime(doctor: Doctor): Promise<string> {
  const { runtimeEndpoint } = doctor.settings;
  try {
    if (runtimeEndpoint !== undefined) return parseEndpoint(runtimeEndpoint).text;
    const detected = (await doctor.sockets()).find(
      (answer) => isChosen(answer) && !answer.endpoint.endsWith("/crish.sock"),
    );
    return detected?.endpoint ?? "embedded:";
  } catch {
    return "embedded:";
  }
}

function asWarning(finding: Finding): Finding {
  return finding.level === "fail" ? { ...finding, level: "warn" } : finding;
}
