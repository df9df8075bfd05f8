import { sleep } from "../../host/sleep.ts";
import { renderJsonLine } from "../../output/json.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { openLiveScreen } from "../live-screen.ts";
import type { Template } from "../prepare-template.ts";
import type { List } from "./list.ts";
import { itemToDocument } from "./list-document.ts";

/** Shows the table in place of the one before, until Ctrl-C; the terminal is as before afterwards. */
export async function watchOnTerminal(
  context: Context,
  flags: CommandInput["flags"],
  render: () => Promise<string>,
): Promise<void> {
  const { signal, stdout } = context;
  let text = await render();
  const screen = await openLiveScreen(stdout, signal);
  try {
    while (!signal.aborted) {
      await screen.show(text);
      await screen.pause(intervalOf(flags));
      if (signal.aborted) break;
      text = await render();
    }
  } finally {
    await screen.close();
  }
}

/**
 * A line for each change: `{"type":"ADDED","object":…}`, MODIFIED and DELETED, as kubectl's watch
 * events are; the first look adds all. With a template, what it makes of the changed object.
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
  while (!signal.aborted) {
    const list = await load();
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
    await sleep(intervalOf(flags), { signal }).catch(() => {});
  }
}

function intervalOf(flags: CommandInput["flags"]): number {
  const intervalMs = typeof flags.interval === "number" ? flags.interval : 2000;
  return Math.max(intervalMs, 100);
}
