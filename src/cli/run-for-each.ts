import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { createSlots, type Slots } from "../host/create-slots.ts";
import type { Context } from "./context.ts";
import { printError } from "./print-error.ts";
import type { Resolved } from "./resolve-objects.ts";

const PARALLEL = 8;

/**
 * Acts on every object at once, a few at a time, and reports each in the order of the command line:
 * the action's text on stdout, or its failure on stderr. Resolves to the first failure's status.
 * An object that was named twice is acted on once. What cannot be told does not keep the others from
 * being acted on: it is thrown when all are done.
 */
export async function runForEach<T extends { readonly id: string }>(
  context: Context,
  items: readonly Resolved<T>[],
  action: (object: T, reference: string) => Promise<string>,
): Promise<number> {
  const inSlot = createSlots(PARALLEL);
  const seen = new Set<string>();
  const outcomes = items
    .filter((item) => "error" in item || isFirst(item.object.id, seen))
    .map((item) => settle(item, action, inSlot));
  let status: number = EXIT.success;
  const unwritten: unknown[] = [];
  for (const pending of outcomes) {
    const outcome = await pending;
    if ("text" in outcome) {
      await context.stdout.write(outcome.text).catch((error: unknown) => unwritten.push(error));
      continue;
    }
    if (!context.signal.aborted) await printError(context.stderr, outcome.error);
    if (status === EXIT.success) status = toExitCode(outcome.error);
  }
  if (unwritten.length > 0) throw unwritten[0];
  return status;
}

type Outcome = { readonly text: string } | { readonly error: unknown };

async function settle<T>(
  item: Resolved<T>,
  action: (object: T, reference: string) => Promise<string>,
  inSlot: Slots,
): Promise<Outcome> {
  if ("error" in item) return item;
  try {
    return { text: await inSlot(() => action(item.object, item.reference)) };
  } catch (error) {
    return { error };
  }
}

function isFirst(id: string, seen: Set<string>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return true;
}
