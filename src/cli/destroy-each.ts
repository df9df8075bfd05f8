import { EXIT, toExitCode } from "../errors/exit-code.ts";
import { StatusError } from "../errors/status-error.ts";
import { alignCells } from "../output/align-cells.ts";
import { escapeControl } from "../output/escape-control.ts";
import { shortId } from "../output/short-id.ts";
import type { CommandInput, CommandSpec } from "./command.ts";
import type { Context } from "./context.ts";
import { printError } from "./print-error.ts";
import type { Resolved } from "./resolve-objects.ts";
import { runForEach } from "./run-for-each.ts";

/** How an object is called where it is about to go. */
export interface Doomed {
  readonly id: string;
  /** As in `default/web-1/nginx`; of an image all names that go. */
  readonly name: string;
  /** Of a container: tells it from others of its name. */
  readonly attempt?: number;
}

export interface DestroyOptions<T> {
  readonly spec: CommandSpec;
  readonly flags: CommandInput["flags"];
  readonly items: readonly Resolved<T>[];
  /** Asked only where objects are told or asked about. */
  describe(objects: readonly T[]): Promise<readonly Doomed[]>;
  /** Why the object will not go; undefined where nothing speaks against it. */
  refusal?(object: T, reference: string): StatusError | undefined;
  action(object: T, reference: string): Promise<string>;
}

const SHOWN_OBJECTS = 10;

/**
 * Acts on every object as runForEach does. More than one are asked about first on a terminal,
 * unless -y was given; with --dry-run a line of kind, ID and name tells each and nothing is done.
 * Throws Aborted where the answer is no.
 */
export async function destroyEach<T extends { readonly id: string }>(
  context: Context,
  options: DestroyOptions<T>,
): Promise<number> {
  const { flags, items, action } = options;
  if (flags["dry-run"] === true) return await tellEach(context, options);
  if (flags.yes !== true) await askAboutSeveral(context, options);
  return await runForEach(context, items, async (object, reference) => {
    const refusal = options.refusal?.(object, reference);
    if (refusal !== undefined) throw refusal;
    return await action(object, reference);
  });
}

async function tellEach<T extends { readonly id: string }>(
  context: Context,
  { spec, items, describe, refusal }: DestroyOptions<T>,
): Promise<number> {
  const kind = spec.object ?? "object";
  let status: number = EXIT.success;
  const going: T[] = [];
  for (const item of items) {
    const error = "error" in item ? item.error : refusal?.(item.object, item.reference);
    if (error !== undefined) {
      await printError(context.stderr, error);
      if (status === EXIT.success) status = toExitCode(error);
    } else if ("object" in item && !going.some(({ id }) => id === item.object.id)) {
      going.push(item.object);
    }
  }
  for (const { id, name } of await describe(going)) {
    await context.stdout.write(`${kind}\t${id}\t${escapeControl(name)}\n`);
  }
  return status;
}

async function askAboutSeveral<T extends { readonly id: string }>(
  context: Context,
  { spec, items, describe, refusal }: DestroyOptions<T>,
): Promise<void> {
  if (!context.stdin.isTty || !context.stderr.isTty) return;
  const doomed = new Map<string, T>();
  for (const item of items) {
    if ("object" in item && refusal?.(item.object, item.reference) === undefined) {
      doomed.set(item.object.id, item.object);
    }
  }
  if (doomed.size < 2) return;
  const objects = [...doomed.values()];
  const shown = await describe(objects.slice(0, SHOWN_OBJECTS));
  const more = objects.length - SHOWN_OBJECTS;
  const cells = shown.map(({ id, name, attempt = 0 }) => [
    escapeControl(name),
    shortId(id),
    attempt === 0 ? "" : `attempt ${attempt}`,
  ]);
  const lines = alignCells(cells).map((line) => `  ${line}`);
  if (more > 0) lines.push(`  and ${more} more`);
  await context.stderr.write(`${lines.join("\n")}\n`);
  const question = `${spec.destroys} these ${objects.length} ${spec.object}s?`;
  if (await context.confirm(question.charAt(0).toUpperCase() + question.slice(1))) return;
  throw new StatusError("Aborted", "nothing was done");
}
