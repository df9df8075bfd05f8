import { graphemesOf } from "../../src/output/graphemes.ts";
import { KillRing } from "../../src/repl/editor/kill-ring.ts";
import type { EditingOptions } from "../../src/repl/editor/line-editing.ts";
import { type Effect, LineEditing } from "../../src/repl/editor/line-editing.ts";

/** An input without a terminal, with history as lines, the newest first. */
export function editingOf(
  options: Partial<EditingOptions> & { lines?: readonly string[] } = {},
): LineEditing {
  const { lines = [], ...others } = options;
  return new LineEditing({
    prompt: "> ",
    continuationPrompt: "… ",
    history: { lines, add: async () => {}, refresh() {} },
    highlight: () => [],
    isComplete: () => true,
    lastWord: (line) => line.split(" ").at(-1) ?? "",
    killRing: new KillRing(),
    lastSearch: { query: "" },
    colors: true,
    ...others,
  });
}

/** Presses what stands in brackets and types the rest: `"ab[C-a]c"`. */
export function pressKeys(editing: LineEditing, keys: string): Effect | undefined {
  let effect: Effect | undefined;
  for (const [part, name] of keys.matchAll(/\[([A-Z][\w-]*[^\]]?)\]|[^[]+/gu)) {
    if (name !== undefined) effect = editing.press({ kind: "press", name });
    else for (const text of graphemesOf(part)) effect = editing.press({ kind: "text", text });
  }
  return effect;
}

/** The text with the cursor as `|`. */
export function shown({ buffer }: LineEditing): string {
  return `${buffer.text.slice(0, buffer.cursor)}|${buffer.text.slice(buffer.cursor)}`;
}
