import { sleep } from "../../host/sleep.ts";
import { renderJsonLine } from "../../output/json.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { keepLooking } from "../keep-looking.ts";
import { openLiveScreen } from "../live-screen.ts";
import type { Template } from "../prepare-template.ts";
import type { List } from "./list.ts";
import { itemToDocument } from "./list-document.ts";

/**
 * Shows the table in place of the one before, until Ctrl-C; the terminal is as before afterwards. A
 * runtime that goes away meanwhile leaves the last table, and a line below it.
 */
export async function watchOnTerminal<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  { load, render }: TableSource<Item, Row>,
): Promise<void> {
  const { signal, stdout } = context;
  const looks = await keepLooking(context, load, { isTold: false });
  const screen = await openLiveScreen(stdout, signal);
  try {
    while (!signal.aborted) {
      await screen.show(await render(looks.seen), await looks.note());
      const paused = await screen.pause(looks.waitMs(intervalOf(flags)));
      if (paused === "over" && !signal.aborted) await looks.again();
    }
  } finally {
    await screen.close();
  }
}

export interface TableSource<Item, Row> {
  readonly load: () => Promise<List<Item, Row>>;
  readonly render: (list: List<Item, Row>) => Promise<string>;
}

/**
 * A line for each change: `{"type":"ADDED","object":…}`, MODIFIED and DELETED, as kubectl's watch
 * events are; the first look adds all. With a template, what it makes of the changed object. A
 * runtime that goes away meanwhile is told of on stderr.
 */
export async function watchOnPipe<Item, Row>(
  context: Context,
  flags: CommandInput["flags"],
  load: () => Promise<List<Item, Row>>,
  template: Template | undefined,
): Promise<void> {
  const { signal, stdout } = context;
  const known = new Map<string, { readonly text: string; readonly object: object }>();
  const tell = async (type: string, object: object) => {
    await stdout.write(
      template === undefined ? renderJsonLine({ type, object }) : template(object),
    );
  };
  const tellChanges = async (list: List<Item, Row>) => {
    const toDocument = await itemToDocument<Item>(list);
    const gone = new Set(known.keys());
    for (const item of list.items) {
      const id = list.id(item);
      const object = toDocument(item);
      const text = JSON.stringify(object);
      const before = known.get(id);
      gone.delete(id);
      known.set(id, { text, object });
      if (before?.text !== text) await tell(before === undefined ? "ADDED" : "MODIFIED", object);
    }
    for (const id of gone) {
      const before = known.get(id);
      known.delete(id);
      if (before !== undefined && template === undefined) await tell("DELETED", before.object);
    }
  };
  const looks = await keepLooking(context, load, { isTold: true });
  let isNew = true;
  while (!signal.aborted) {
    if (isNew) await tellChanges(looks.seen);
    await sleep(looks.waitMs(intervalOf(flags)), { signal }).catch(() => {});
    if (!signal.aborted) isNew = await looks.again();
  }
}

function intervalOf(flags: CommandInput["flags"]): number {
  const intervalMs = typeof flags.interval === "number" ? flags.interval : 2000;
  return Math.max(intervalMs, 100);
}
