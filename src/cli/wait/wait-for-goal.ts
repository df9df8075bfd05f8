import { hasCode, StatusError } from "../../errors/status-error.ts";
import { throwIfAborted } from "../../host/sleep.ts";
import type { Context } from "../context.ts";
import type { Resolved } from "../resolve-objects.ts";
import { type Goal, judge, stateWord, type Watched } from "./awaited-state.ts";
import { type Changes, followChanges } from "./follow-changes.ts";

export interface WaitOptions {
  readonly kind: "container" | "pod";
  readonly goal: Goal;
  readonly references: readonly string[];
  /** Undefined waits for ever; 0 looks once. */
  readonly timeoutMs: number | undefined;
  /** Ends with the first one that reached the goal. */
  readonly any: boolean;
  /** Resolves references by a list of the runtime. */
  resolve(references: readonly string[]): Promise<readonly Resolved<Seen>[]>;
  /** The states of all objects of the kind, by full ID. */
  look(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
}

/** An object that was found. */
export interface Seen {
  readonly id: string;
  readonly state: number;
}

export type Ended =
  | { readonly reference: string; readonly id: string; readonly toldExitCode: number | undefined }
  | { readonly reference: string; readonly error: StatusError };

/** A daemon that is started anew in between must not end a long wait. */
const PATIENCE_MS = 15_000;

/**
 * Waits until every object has reached the goal or never will, and yields each in the order of the
 * command line as soon as those before it have ended; with `any` only failures, and the first that
 * reached it. Throws Cancelled at Ctrl-C, and what the runtime answers where it stays out of reach.
 */
export async function* waitForGoal(context: Context, options: WaitOptions): AsyncGenerator<Ended> {
  const limit = createLimit(options.timeoutMs);
  const signal = AbortSignal.any([context.signal, limit.signal]);
  // What is not there yet can be waited for only in one way: that it appears.
  const targets = options.references.map((reference): Target => ({ reference }));
  await find(targets, options);
  const changes = followChanges(await context.backend(), signal);
  try {
    while (true) {
      for (const target of targets) settle(target, options, changes);
      for (const target of targets) {
        // Without `any` the order is that of the command line.
        if (target.ended === undefined && !options.any) break;
        if (target.ended === undefined || target.isTold === true) continue;
        target.isTold = true;
        yield target.ended;
        if (options.any && "id" in target.ended) return;
      }
      if (targets.every(({ isTold }) => isTold)) return;
      if (await isOver(context, limit, () => lookAgain(targets, options, { changes, signal }))) {
        for (const target of targets) target.ended ??= tooLate(target, options);
      }
    }
  } finally {
    changes.close();
    limit.lift();
  }
}

interface Target {
  readonly reference: string;
  id?: string;
  /** Undefined once it is gone. */
  state?: number | undefined;
  ended?: Ended;
  isTold?: boolean;
}

async function find(targets: readonly Target[], options: WaitOptions): Promise<void> {
  const missing = targets.filter(({ id, ended }) => id === undefined && ended === undefined);
  const resolved = await options.resolve(missing.map(({ reference }) => reference));
  missing.forEach((target, index) => {
    const found = resolved[index];
    if (found === undefined) return;
    if ("object" in found) {
      target.id = found.object.id;
      target.state = found.object.state;
    } else if (options.goal !== "created" || found.error.code !== "NotFound") {
      target.ended = { reference: target.reference, error: found.error };
    }
  });
}

function settle(target: Target, { kind, goal }: WaitOptions, changes: Changes): void {
  const { reference, id, ended } = target;
  if (ended !== undefined || id === undefined) return;
  const verdict = judge(watchedOf(target, kind), goal);
  if (verdict === "reached") {
    target.ended = { reference, id, toldExitCode: changes.exitCodeOf(id) };
  } else if (verdict !== "pending") {
    target.ended = { reference, error: verdict.never };
  }
}

async function lookAgain(
  targets: readonly Target[],
  options: WaitOptions,
  { changes, signal }: { readonly changes: Changes; readonly signal: AbortSignal },
): Promise<void> {
  const giveUpAtMs = performance.now() + PATIENCE_MS;
  while (true) {
    await changes.next();
    try {
      const isAnyMissing = targets.some(({ id, ended }) => id === undefined && ended === undefined);
      if (isAnyMissing) await find(targets, options);
      const states = await options.look(signal);
      for (const target of targets) {
        if (target.id !== undefined) target.state = states.get(target.id);
      }
      return;
    } catch (error) {
      if (!hasCode(error, "Unavailable") || performance.now() > giveUpAtMs) throw error;
    }
  }
}

/** Whether the time is up. */
async function isOver(context: Context, limit: Limit, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    throwIfAborted(context.signal);
    if (limit.signal.aborted) return true;
    throw error;
  }
}

interface Limit {
  readonly signal: AbortSignal;
  lift(): void;
}

function createLimit(timeoutMs: number | undefined): Limit {
  const controller = new AbortController();
  if (timeoutMs === undefined) return { signal: controller.signal, lift: () => {} };
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  return { signal: controller.signal, lift: () => clearTimeout(timer) };
}

function tooLate(target: Target, { kind, goal, timeoutMs = 0 }: WaitOptions): Ended {
  const { reference } = target;
  const now = target.id === undefined ? "not there" : stateWord(watchedOf(target, kind));
  const waited = timeoutMs === 0 ? "" : ` after ${timeoutMs / 1000}s`;
  const message = `${kind} "${reference}" is ${waited === "" ? "" : "still "}${now}${waited}`;
  return {
    reference,
    error: new StatusError("FailedPrecondition", message, { hint: `it was to be ${goal}` }),
  };
}

function watchedOf({ reference, state }: Target, kind: WaitOptions["kind"]): Watched {
  return { kind, reference, state };
}
