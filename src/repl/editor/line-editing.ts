import { cleanText } from "./clean-text.ts";
import { type CompletionMenu, commonBeginning, cycle, moveSideways } from "./completion-menu.ts";
import type { Completions } from "./completions.ts";
import { EditBuffer } from "./edit-buffer.ts";
import { ACTIONS } from "./editing-actions.ts";
import type { ScreenSize } from "./frame.ts";
import { HistorySearch } from "./history-search.ts";
import { HistoryWalk, suggestionFor } from "./history-walk.ts";
import type { InputOptions } from "./input-options.ts";
import type { Key } from "./key.ts";
import { type ActionName, KEY_BINDINGS } from "./key-bindings.ts";
import type { KillRing } from "./kill-ring.ts";
import { LastWords } from "./last-words.ts";
import { menuGrid, menuSpace } from "./menu-layout.ts";
import type { View } from "./view.ts";

/** What a key asks of whoever owns the terminal; undefined: to show the view, no more. */
export type Effect = "submit" | "interrupt" | "end" | "suspend" | "clear-screen" | "complete";

export type EditingOptions = Pick<
  InputOptions,
  "prompt" | "continuationPrompt" | "history" | "highlight" | "isComplete" | "lastWord"
> & {
  readonly killRing: KillRing;
  /** What a search without a query means; like killed texts it outlives the input. */
  readonly lastSearch: { query: string };
  /** Whether text may have colours, and be dim: without that nothing is suggested. */
  readonly colors: boolean;
  /** Enter never submits and Ctrl-D always ends: a document. */
  readonly isDocument?: boolean;
};

/** Longer texts are shown without colours: they were pasted. */
const LONGEST_COLOURED = 20_000;

/** One input while it is edited: keys change it, a view shows it. Knows no terminal. */
export class LineEditing {
  readonly buffer = new EditBuffer();
  readonly options: EditingOptions;
  /** Where the view is shown: it decides what lies beside what in a menu. */
  screen: ScreenSize = { columns: 80, rows: 24 };
  /** The action before this one: kills in a row join, a yank can be changed. */
  lastAction: ActionName | undefined;
  readonly #walk = new HistoryWalk();
  readonly #lastWords = new LastWords();
  #search: HistorySearch | undefined;
  #menu: CompletionMenu | undefined;
  #isClosed = false;

  constructor(options: EditingOptions) {
    this.options = options;
  }

  press(key: Key): Effect | undefined {
    if (this.#search !== undefined && this.#pressInSearch(key, this.#search)) return undefined;
    if (this.#menu !== undefined && this.#pressInMenu(key, this.#menu)) return undefined;
    if (key.kind === "press") return this.#perform(key.name);
    this.lastAction = undefined;
    if (key.kind === "paste") this.buffer.insert(cleanText(key.text));
    else this.buffer.insert(key.text, /\s/.test(key.text) ? undefined : "type");
    return undefined;
  }

  view(): View {
    const { prompt, continuationPrompt, highlight, colors } = this.options;
    const plain = {
      continuationPrompt,
      spans: [],
      mark: undefined,
      suggestion: "",
      menu: undefined,
    };
    if (this.#search !== undefined) {
      const { line, match, query, direction, failed } = this.#search.view();
      const name = `${failed ? "failed " : ""}${direction === "older" ? "reverse-" : ""}i-search`;
      return {
        ...plain,
        prompt: `(${name})\`${query}': `,
        text: line,
        cursor: match.start,
        mark: match,
      };
    }
    const { text, cursor } = this.buffer;
    return {
      ...plain,
      prompt,
      text,
      cursor,
      spans: colors && text.length <= LONGEST_COLOURED ? highlight(text) : [],
      suggestion: this.suggestion(),
      menu: this.#menu,
    };
  }

  /** What is shown behind the text, and taken over by Right, End and C-e. */
  suggestion(): string {
    const { text, isAtEnd } = this.buffer;
    if (!this.options.colors || this.#isClosed || !isAtEnd) return "";
    if (this.#menu !== undefined) return "";
    return suggestionFor(text, this.options.history.lines);
  }

  /** Up or Down: within the text first, then through history. */
  moveVertically(step: -1 | 1): void {
    if (this.buffer.moveByLine(step)) return;
    if (step < 0) this.options.history.refresh();
    const line = this.#walk.step(
      step < 0 ? 1 : -1,
      this.buffer.text,
      () => this.options.history.lines,
    );
    if (line !== undefined) this.buffer.set(line);
  }

  /** The last word of the newest line; in its place, again, that of the line before. */
  insertLastWord(): void {
    const { history, lastWord } = this.options;
    const { cursor } = this.buffer;
    const isRepeat = this.lastAction === "last-word";
    if (!isRepeat) history.refresh();
    const found = this.#lastWords.next(history.lines, { wordOf: lastWord, cursor, isRepeat });
    if (found !== undefined) this.buffer.replace(found.start, cursor, found.word, "last-word");
  }

  startSearch(direction: "older" | "newer"): void {
    this.options.history.refresh();
    this.#search = new HistorySearch(this.options.history.lines, this.buffer.text, direction);
  }

  /** Takes what completion found: the only candidate, what all have in common, or a menu. */
  offer({ candidates, start }: Completions): void {
    const { text, cursor } = this.buffer;
    const [first] = candidates;
    if (first === undefined || start > cursor) return;
    if (candidates.length === 1) {
      this.buffer.replace(start, cursor, cleanText(first.text));
      return;
    }
    const typed = text.slice(start, cursor);
    const common = cleanText(commonBeginning(candidates));
    const grows = common.length > typed.length && common.startsWith(typed);
    if (grows) this.buffer.replace(start, cursor, common);
    this.#menu = { candidates, start, typed: grows ? common : typed, selected: -1 };
  }

  /** Nothing but the text is shown from now on: it is left on the screen. */
  close(): void {
    this.#menu = undefined;
    this.#search = undefined;
    this.#isClosed = true;
    this.buffer.cursor = this.buffer.text.length;
  }

  #perform(name: string): Effect | undefined {
    const action = KEY_BINDINGS[name];
    if (action === undefined) return undefined;
    const effect = ACTIONS[action](this);
    this.lastAction = action;
    return effect;
  }

  /** False where the search is left and the key means what it means otherwise. */
  #pressInSearch(key: Key, search: HistorySearch): boolean {
    if (key.kind !== "press") {
      const added = key.kind === "text" ? key.text : (cleanText(key.text).split("\n")[0] ?? "");
      search.setQuery(search.query + added);
      return true;
    }
    const { lastSearch } = this.options;
    switch (KEY_BINDINGS[key.name]) {
      case "search-older":
      case "search-newer":
        if (search.query === "") search.setQuery(lastSearch.query);
        else search.again(KEY_BINDINGS[key.name] === "search-older" ? "older" : "newer");
        return true;
      case "delete-back":
        search.setQuery(search.query.slice(0, -1));
        return true;
      default:
    }
    this.#search = undefined;
    if (search.query !== "") lastSearch.query = search.query;
    if (KEY_BINDINGS[key.name] === "interrupt") return false;
    if (key.name === "C-g") return true;
    const { line, match } = search.view();
    this.buffer.set(line);
    if (match.end > match.start) this.buffer.cursor = match.start;
    return key.name === "Esc";
  }

  /** False where the menu goes and the key means what it means otherwise. */
  #pressInMenu(key: Key, menu: CompletionMenu): boolean {
    const name = key.kind === "press" ? key.name : "";
    const isChosen = menu.selected >= 0;
    if (name === "Tab" || (isChosen && name === "Down")) this.#choose(cycle(menu, 1));
    else if (name === "S-Tab" || (isChosen && name === "Up")) this.#choose(cycle(menu, -1));
    else if (name === "Down") this.#choose(cycle(menu, 1));
    else if (isChosen && name === "Right") this.#chooseBeside(menu, 1);
    else if (isChosen && name === "Left") this.#chooseBeside(menu, -1);
    else {
      this.#menu = undefined;
      if (name !== "Esc" && name !== "C-g") return isChosen && name === "Enter";
      if (isChosen) this.buffer.replace(menu.start, this.buffer.cursor, menu.typed);
    }
    return true;
  }

  #chooseBeside(menu: CompletionMenu, step: 1 | -1): void {
    const grid = menuGrid(menu.candidates, menuSpace(this.screen));
    this.#choose(moveSideways(menu, step, grid));
  }

  #choose(menu: CompletionMenu): void {
    const candidate = menu.candidates[menu.selected];
    if (candidate === undefined) return;
    this.buffer.replace(menu.start, this.buffer.cursor, cleanText(candidate.text), "choose");
    this.#menu = menu;
  }
}
