import type { ActionName } from "./key-bindings.ts";
import type { Effect, LineEditing } from "./line-editing.ts";
import { blankWordStart, lineEnd, wordEnd, wordStart } from "./text-motion.ts";

type Action = (editing: LineEditing) => Effect | undefined;

/** What each action does to the input that is edited. */
export const ACTIONS: Readonly<Record<ActionName, Action>> = {
  submit(editing) {
    const { buffer, options } = editing;
    if (options.isDocument !== true && options.isComplete(buffer.text)) return "submit";
    buffer.insert("\n");
    return undefined;
  },
  newline: ({ buffer }) => void buffer.insert("\n"),
  interrupt: () => "interrupt",
  "end-or-delete"({ buffer, options }) {
    if (buffer.text === "" || options.isDocument === true) return "end";
    buffer.removeTo(buffer.next());
    return undefined;
  },
  suspend: () => "suspend",
  "clear-screen": () => "clear-screen",
  complete: () => "complete",
  "line-start": ({ buffer }) => moveTo(buffer, buffer.lineStart()),
  "line-end": (editing) => {
    if (!acceptSuggestion(editing)) moveTo(editing.buffer, editing.buffer.lineEnd());
  },
  "text-start": ({ buffer }) => moveTo(buffer, 0),
  "text-end": ({ buffer }) => moveTo(buffer, buffer.text.length),
  back: ({ buffer }) => moveTo(buffer, buffer.previous()),
  forward: (editing) => {
    if (!acceptSuggestion(editing)) moveTo(editing.buffer, editing.buffer.next());
  },
  "word-back": ({ buffer }) => moveTo(buffer, wordStart(buffer.text, buffer.cursor)),
  "word-forward"(editing) {
    const { buffer } = editing;
    const suggestion = editing.suggestion();
    if (suggestion === "") moveTo(buffer, wordEnd(buffer.text, buffer.cursor));
    else buffer.insert(suggestion.slice(0, wordEnd(suggestion, 0)));
    return undefined;
  },
  up: (editing) => void editing.moveVertically(-1),
  down: (editing) => void editing.moveVertically(1),
  "delete-back": ({ buffer }) => void buffer.removeTo(buffer.previous(), "delete-back"),
  delete: ({ buffer }) => void buffer.removeTo(buffer.next(), "delete"),
  "kill-blank-word-back": (editing) =>
    killTo(editing, blankWordStart(editing.buffer.text, editing.buffer.cursor)),
  "kill-word-back": (editing) =>
    killTo(editing, wordStart(editing.buffer.text, editing.buffer.cursor)),
  "kill-word": (editing) => killTo(editing, wordEnd(editing.buffer.text, editing.buffer.cursor)),
  "kill-to-line-start": (editing) => killTo(editing, editing.buffer.lineStart()),
  "kill-to-line-end"(editing) {
    const { buffer } = editing;
    const end = lineEnd(buffer.text, buffer.cursor);
    // At a line's end its newline goes, as in Emacs.
    return killTo(editing, end === buffer.cursor ? buffer.next() : end);
  },
  yank({ buffer, options }) {
    options.killRing.reset();
    buffer.insert(options.killRing.current);
    return undefined;
  },
  "yank-next"({ buffer, options, lastAction }) {
    if (lastAction !== "yank" && lastAction !== "yank-next") return undefined;
    const start = buffer.cursor - options.killRing.current.length;
    options.killRing.rotate();
    buffer.replace(start, buffer.cursor, options.killRing.current);
    return undefined;
  },
  "last-word": (editing) => void editing.insertLastWord(),
  transpose({ buffer }) {
    if (buffer.text.length === 0 || buffer.cursor === 0) return undefined;
    // At the end of a line the two characters before the cursor change places.
    const middle = buffer.cursor === buffer.lineEnd() ? buffer.previous() : buffer.cursor;
    buffer.cursor = middle;
    const start = buffer.previous();
    const end = buffer.next();
    const { text } = buffer;
    buffer.replace(start, end, text.slice(middle, end) + text.slice(start, middle));
    return undefined;
  },
  "upper-word": (editing) => changeWord(editing, (word) => word.toUpperCase()),
  "lower-word": (editing) => changeWord(editing, (word) => word.toLowerCase()),
  "capital-word": (editing) =>
    changeWord(editing, (word) =>
      word.toLowerCase().replace(/\p{L}/u, (letter) => letter.toUpperCase()),
    ),
  undo: ({ buffer }) => void buffer.undo(),
  "undo-all"({ buffer }) {
    while (buffer.undo());
    return undefined;
  },
  "search-older": (editing) => void editing.startSearch("older"),
  "search-newer": (editing) => void editing.startSearch("newer"),
};

/** Kills that join each other when one follows the other. */
const KILLS: ReadonlySet<ActionName | undefined> = new Set<ActionName>([
  "kill-blank-word-back",
  "kill-word-back",
  "kill-word",
  "kill-to-line-start",
  "kill-to-line-end",
]);

function moveTo(buffer: LineEditing["buffer"], position: number): undefined {
  buffer.cursor = position;
}

function acceptSuggestion(editing: LineEditing): boolean {
  const suggestion = editing.suggestion();
  editing.buffer.insert(suggestion);
  return suggestion !== "";
}

function killTo({ buffer, options, lastAction }: LineEditing, position: number): undefined {
  const backwards = position < buffer.cursor;
  const joins = KILLS.has(lastAction);
  options.killRing.add(buffer.removeTo(position), { joins, backwards });
}

function changeWord({ buffer }: LineEditing, change: (word: string) => string): undefined {
  const end = wordEnd(buffer.text, buffer.cursor);
  buffer.replace(buffer.cursor, end, change(buffer.text.slice(buffer.cursor, end)));
}
