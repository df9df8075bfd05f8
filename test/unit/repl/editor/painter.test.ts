import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { graphemesOf } from "../../../../src/output/graphemes.ts";
import { graphemeWidth } from "../../../../src/output/text-width.ts";
import { layout } from "../../../../src/repl/editor/layout.ts";
import type { LineEditing } from "../../../../src/repl/editor/line-editing.ts";
import { Painter } from "../../../../src/repl/editor/painter.ts";
import type { View } from "../../../../src/repl/editor/view.ts";
import { editingOf, pressKeys } from "../../../support/edit-keys.ts";
import { ScreenEmulator } from "../../../support/screen-emulator.ts";
import { seededRandom } from "../../../support/seeded-random.ts";

const HISTORY = ["ps --all --quiet", "exec web sh -c 'a\nb'", "日本語のコンテナ", "pods"];
const ASCII = ["a", "b", "word ", "--flag=value ", "[M-Enter]", "0123456789"];
const ANY = [...ASCII, "日", "本語", "é", "e\u0301", "👩‍👩‍👧", "🇩🇪", "한"];
const KEYS = [
  ...["Left", "Right", "Up", "Down", "Home", "End", "Backspace", "Delete", "C-w", "C-k", "C-u"],
  ...["C-y", "C-t", "C-_", "M-b", "M-f", "C-r", "Esc", "C-g", "M-Enter"],
].map((name) => `[${name}]`);

/** A terminal that shows what is edited. */
class Shown {
  readonly editing: LineEditing;
  readonly emulator: ScreenEmulator;
  readonly #painter: Painter;
  readonly #size: { columns: number; rows: number };

  constructor(columns: number, rows: number, editing = editingOf({ lines: HISTORY })) {
    this.editing = editing;
    this.#size = { columns, rows };
    this.emulator = new ScreenEmulator(columns, rows);
    this.#painter = new Painter(columns);
    this.paint();
  }

  press(keys: string): void {
    pressKeys(this.editing, keys);
    this.paint();
  }

  paint(before = ""): string {
    const out = before + this.#painter.paint(layout(this.editing.view(), this.#size));
    this.emulator.write(out);
    return out;
  }

  resize(columns: number): void {
    this.#size.columns = columns;
    this.emulator.resize(columns);
    this.paint(this.#painter.resize(columns, { rewraps: true }));
  }

  printAbove(text: string): void {
    this.paint(`${this.#painter.erase()}${text}\r\n`);
  }
}

/** What should be seen, by the plainest means. */
function expectedOf(view: View, columns: number) {
  const rows: string[] = [];
  let cursor = { row: 0, column: 0 };
  let at = 0;
  const text = view.text + (view.suggestion.split("\n")[0] ?? "");
  const cut = view.suggestion.includes("\n") ? " …" : "";
  for (const [index, line] of `${text}${cut}`.split("\n").entries()) {
    let column = 0;
    rows.push("");
    const add = (grapheme: string) => {
      const width = graphemeWidth(grapheme);
      if (column + width > columns) {
        rows.push("");
        column = 0;
      }
      rows[rows.length - 1] += grapheme;
      column += width;
    };
    const mark = () => {
      if (at === view.cursor) cursor = { row: rows.length - 1, column };
    };
    for (const grapheme of graphemesOf(index === 0 ? view.prompt : view.continuationPrompt)) {
      add(grapheme);
    }
    for (const grapheme of graphemesOf(line)) {
      const isHere = at === view.cursor;
      add(grapheme);
      if (isHere) cursor = { row: rows.length - 1, column: column - graphemeWidth(grapheme) };
      at += grapheme.length;
    }
    mark();
    at++;
  }
  const isBehindEdge = cursor.column >= columns;
  if (isBehindEdge) cursor = { row: cursor.row + 1, column: 0 };
  // The cursor behind a full row stands in one of its own.
  const needsRow = isBehindEdge && endsLine(view);
  if (needsRow) rows.splice(cursor.row, 0, "");
  return { rows: rows.map((row) => row.trimEnd()), cursor };
}

function endsLine({ text, cursor, suggestion }: View): boolean {
  return cursor === text.length ? suggestion === "" : text.charAt(cursor) === "\n";
}

function withoutEmptyEnd(rows: readonly string[]): string[] {
  const last = rows.findLastIndex((row) => row !== "");
  return rows.slice(0, last + 1);
}

function pick<T>(random: () => number, from: readonly T[]): T {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

describe("the editor's display", () => {
  for (const columns of [8, 11, 20, 37, 80]) {
    it(`shows on ${columns} columns what random keys have made of the text`, () => {
      const random = seededRandom(columns);
      for (let round = 0; round < 60; round++) {
        const shown = new Shown(columns, 400);
        const keys: string[] = [];
        for (let count = 0; count < 40; count++) {
          keys.push(random() < 0.5 ? pick(random, ANY) : pick(random, KEYS));
          shown.press(keys.at(-1) ?? "");
          const expected = expectedOf(shown.editing.view(), columns);
          const seen = { rows: shown.emulator.all(), cursor: shown.emulator.cursor() };
          const wanted = { rows: withoutEmptyEnd(expected.rows), cursor: expected.cursor };
          assert.deepEqual(seen, wanted, `seed ${columns}, round ${round}: ${keys.join("")}`);
        }
      }
    });
  }

  it("shows the part around the cursor where the screen is lower than the text", () => {
    const random = seededRandom(5);
    for (let round = 0; round < 100; round++) {
      const columns = 8 + Math.floor(random() * 30);
      const shown = new Shown(columns, 5);
      for (let count = 0; count < 60; count++) {
        shown.press(random() < 0.6 ? pick(random, ANY) : pick(random, KEYS));
        const { rows, cursor } = expectedOf(shown.editing.view(), columns);
        const seen = shown.emulator.cursor();
        const first = cursor.row - seen.row;
        const visible = rows.slice(Math.max(0, first), first + 5);
        assert.equal(seen.column, cursor.column);
        const screen = shown.emulator.screen().slice(Math.max(0, -first));
        assert.deepEqual(withoutEmptyEnd(screen), withoutEmptyEnd(visible), `round ${round}`);
      }
    }
  });

  it("lets the terminal wrap, so that a long line is copied as one", () => {
    const random = seededRandom(3);
    for (let round = 0; round < 60; round++) {
      const columns = 8 + Math.floor(random() * 40);
      const shown = new Shown(columns, 400, editingOf());
      for (let count = 0; count < 40; count++) {
        shown.press(random() < 0.6 ? pick(random, ASCII) : pick(random, KEYS.slice(0, 11)));
      }
      shown.press("[M->]x");
      const { text } = shown.editing.buffer;
      const lines = text.split("\n").map((line, index) => (index === 0 ? "> " : "… ") + line);
      const joined = shown.emulator.joined();
      // Only a row that a wide prompt sign could not fill stands by itself.
      assert.deepEqual(joined, withoutEmptyEnd(lines.map((line) => line.trimEnd())));
    }
  });

  it("leaves no garbage when the terminal becomes wider or narrower", () => {
    const random = seededRandom(11);
    for (let round = 0; round < 300; round++) {
      let columns = 10 + Math.floor(random() * 60);
      const shown = new Shown(columns, 400, editingOf());
      for (let count = 0; count < 12; count++) {
        shown.press(random() < 0.8 ? pick(random, ASCII) : pick(random, KEYS.slice(0, 6)));
        if (count % 3 !== 2) continue;
        columns = 10 + Math.floor(random() * 60);
        shown.resize(columns);
        const { rows, cursor } = expectedOf(shown.editing.view(), columns);
        const seen = { rows: shown.emulator.all(), cursor: shown.emulator.cursor() };
        assert.deepEqual(seen, { rows: withoutEmptyEnd(rows), cursor }, `round ${round}`);
      }
    }
  });

  it("prints above the prompt and goes on where it was", () => {
    const shown = new Shown(20, 6);
    shown.press("0123456789012345678901234[Left]");
    shown.printAbove("web has ended");
    assert.deepEqual(shown.emulator.all(), ["web has ended", "> 012345678901234567", "8901234"]);
    assert.deepEqual(shown.emulator.cursor(), { row: 2, column: 6 });
  });

  it("writes little for one key, and nothing where nothing has changed", () => {
    const shown = new Shown(80, 24, editingOf());
    shown.press("abc");
    pressKeys(shown.editing, "d");
    assert.equal(shown.paint(), "d");
    assert.equal(shown.paint(), "");
  });

  it("draws prompts with colours and several lines, suggestions dim, menus below", () => {
    const editing = editingOf({
      prompt: "\x1b[1mtwo\x1b[0m lines\n\x1b]0;title\x07$ ",
      lines: ["pods -q"],
      highlight: () => [{ start: 0, end: 1, tone: "unknown" }],
    });
    const emulator = new ScreenEmulator(30, 10);
    const painter = new Painter(30);
    const paint = () => painter.paint(layout(editing.view(), { columns: 30, rows: 10 }));
    pressKeys(editing, "p");
    const out = paint();
    emulator.write(out);
    assert.deepEqual(emulator.all(), ["two lines", "$ pods -q"]);
    assert.ok(out.includes("\x1b[0;1mtwo\x1b[0m lines"));
    assert.ok(out.includes("\x1b[0;31mp\x1b[0;2mods -q"));
    editing.offer({
      candidates: [{ text: "ps ", note: "list containers" }, { text: "pods " }],
      start: 0,
    });
    pressKeys(editing, "[Tab]");
    emulator.write(paint());
    assert.deepEqual(emulator.all().slice(1), ["$ ps", "ps    list containers", "pods"]);
  });

  it("pages a menu that is longer than its space", () => {
    const shown = new Shown(30, 8, editingOf());
    const candidates = Array.from({ length: 40 }, (_, index) => ({ text: `name-${index + 10}` }));
    shown.editing.offer({ candidates, start: 0 });
    shown.paint();
    assert.equal(shown.emulator.all().at(-1), "page 1 of 3, 40 in all");
    shown.press("[Tab]".repeat(16));
    assert.equal(shown.emulator.all().at(-1), "page 2 of 3, 40 in all");
    assert.equal(shown.emulator.all().length, 7);
    shown.press("[Esc]");
    assert.deepEqual(shown.emulator.all(), ["> name-"]);
  });

  it("cuts the number of the page where the screen is narrower", () => {
    const shown = new Shown(12, 6, editingOf());
    const candidates = Array.from({ length: 40 }, (_, index) => ({ text: `name-${index + 10}` }));
    shown.editing.offer({ candidates, start: 0 });
    shown.press("[Tab]".repeat(2));
    assert.deepEqual(shown.emulator.all(), [
      ...["> name-11", "name-10", "name-11", "name-12", "page 1 of …"],
    ]);
    shown.press("[Esc]");
    assert.deepEqual(shown.emulator.all(), ["> name-"]);
  });

  it("leaves out notes where a screen has no room for a word of them", () => {
    const editing = (columns: number) => {
      const shown = new Shown(columns, 8, editingOf());
      const candidates = ["web-0", "web-1"].map((text) => ({ text, note: "running, shop" }));
      shown.editing.offer({ candidates, start: 0 });
      shown.paint();
      return shown.emulator.all().at(-1);
    };
    assert.equal(editing(30), "web-1  running, shop");
    assert.equal(editing(13), "web-1  runn…");
    assert.equal(editing(12), "web-1");
  });

  it("shows the ends of candidates that are too long: they begin alike", () => {
    const shown = new Shown(30, 8, editingOf());
    const directory = `/srv/${"directory/".repeat(3)}`;
    const candidates = ["one.yaml", "日本.yaml"].map((name) => ({ text: directory + name }));
    shown.editing.offer({ candidates, start: 0 });
    shown.paint();
    assert.deepEqual(shown.emulator.all().slice(-2), [
      "…irectory/directory/one.yaml",
      "…rectory/directory/日本.yaml",
    ]);
  });

  it("lays out a megabyte for the part that is seen", () => {
    const shown = new Shown(80, 24, editingOf());
    shown.editing.press({ kind: "paste", text: "key: 'välue'\n".repeat(80_000) });
    shown.paint();
    assert.equal(shown.emulator.screen().at(-2), "… key: 'välue'");
    shown.editing.press({ kind: "paste", text: "x".repeat(1 << 20) });
    shown.press("y");
    assert.equal(shown.emulator.screen().at(-1)?.at(-1), "y");
  });
});
