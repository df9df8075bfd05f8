import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editingOf, pressKeys, shown } from "../../../support/edit-keys.ts";

/** What is pressed, and the text after it with the cursor as a bar. */
const KEYS: readonly (readonly [string, string])[] = [
  ["abc[C-a]x", "x|abc"],
  ["abc[C-b][C-b]x", "ax|bc"],
  ["abc[Home][C-f][Right]x", "abx|c"],
  ["abc[Home][End]x", "abcx|"],
  ["one two-three[M-b]", "one two-|three"],
  ["one two-three[M-b][M-b][M-b]", "|one two-three"],
  ["one two[Home][M-f]", "one| two"],
  ["one two[C-Left][C-Left][C-Right]", "one| two"],
  ["abc[Backspace]", "ab|"],
  ["abc[C-a][Delete]", "|bc"],
  ["abc[C-a][C-d]", "|bc"],
  ["abc[C-e][Delete]", "abc|"],
  ["日本語[Left][Backspace]", "日|語"],
  ["e\u0301👩‍👩‍👧x[Left][Left][Backspace]", "|👩‍👩‍👧x"],
  ["one two-three[C-w]", "one |"],
  ["one two-three  [C-w]", "one |"],
  ["one two-three[M-Backspace]", "one two-|"],
  ["one two[C-a][M-d]", "| two"],
  ["one two[C-u]", "|"],
  ["one two[M-b][C-k]", "one |"],
  ["one two[M-b][C-u]", "|two"],
  ["one two[C-w][C-w][C-y]", "one two|"],
  ["one two[C-w]x[C-w][C-y]", "one x|"],
  ["one two[C-a][M-d][M-d][C-e][C-y]", "one two|"],
  ["one[C-u]two[C-u][C-y][M-y]", "one|"],
  ["one[C-u]two[C-u][C-y][M-y][M-y]", "two|"],
  ["ab[C-t]", "ba|"],
  ["abc[C-b][C-t]", "acb|"],
  ["one two[C-a][M-u][M-c]", "ONE Two|"],
  ["ONE[C-a][M-l]", "one|"],
  ["abc def[C-_]", "abc |"],
  ["abc def[C-w][C-_]", "abc def|"],
  ["abc def[C-w]x[M-r]", "|"],
  ["abc[C-_][C-_][C-_]x", "x|"],
  ["a[M-Enter]b", "a\nb|"],
  ["abc[M-Enter]de[Up]x", "abx|c\nde"],
  ["abcd[M-Enter]e[M-Enter]fgh[Up][Up]x", "abcx|d\ne\nfgh"],
  ["a[M-Enter]bc[C-a]x[C-p][C-e]y", "ay|\nxbc"],
  ["日本[M-Enter]abc[Up]x", "日x|本\nabc"],
  ["ab[M-Enter]cd[C-u][Backspace]", "ab|"],
  ["ab[M-Enter]cd[Up][C-e][C-k]", "ab|cd"],
  ["ab[M-Enter]cd[M-<]x[M->]y", "xab\ncdy|"],
  ["ab[F5][C-M-q][PageUp]c", "abc|"],
];

const LINES = ["ps -a", "exec web sh", "ps", "echo 'a\nb'", "pods"];

const HISTORY: readonly (readonly [string, string])[] = [
  ["[M-.]", "-a|"],
  ["x [M-.]", "x -a|"],
  ["x [M-.][M-.]y", "x shy|"],
  ["x [M-.][M-_][M-.]", "x ps|"],
  ["x y[C-b][M-.][M-.]", "x sh|y"],
  ["x [M-.][M-.][M-.][M-.][M-.][M-.][M-.]", "x pods|"],
  ["x [M-.][M-.][C-_]", "x |"],
  ["x [M-.] [M-.]", "x -a -a|"],
  ["x [M-.][C-e][M-.]", "x -a-a|"],
  ["[Up]", "ps -a|"],
  ["[Up][Up][Up]", "ps|"],
  ["[Up][Up][Down]", "ps -a|"],
  ["new[Up][Down]", "new|"],
  ["p[Up]", "ps -a|"],
  ["p[Up][Up][Up]", "pods|"],
  ["p[Up][Up][Up][Up]", "pods|"],
  ["p[Up][Up][Up][Down][Down][Down]", "p|"],
  ["ps[C-p]", "ps -a|"],
  ["ps[C-p][C-n]", "ps|"],
  ["zzz[Up]", "zzz|"],
  ["p[Up]x[Up]", "ps -ax|"],
  ["e[Up][Up]", "echo 'a\nb'|"],
  ["e[Up][Up][Up]", "ec|ho 'a\nb'"],
  ["e[Up][Up][Up][Up][Down]", "echo 'a\nb'|"],
  ["p[Right]", "ps -a|"],
  ["ex[End]", "exec web sh|"],
  ["ex[C-e]x", "exec web shx|"],
  ["ex[M-f]", "exec|"],
  ["ex[M-f][M-f]", "exec web|"],
  ["echo[Right]", "echo 'a\nb'|"],
  ["zz[Right]", "zz|"],
  ["ex[Left][Right]", "ex|"],
  ["[C-r]web[Esc]", "exec |web sh"],
  ["[C-r]web[C-e]x", "exec web shx|"],
  ["[C-r]p[C-r][C-r][Esc]", "|pods"],
  ["[C-r]p[C-r][C-s][Esc]", "|ps -a"],
  ["[C-r]ps[Backspace][Backspace]sh[Esc]", "exec web |sh"],
  ["[C-r]WEB[Esc]", "|"],
  ["typed[C-r]web[C-g]", "typed|"],
  ["typed[C-r]nothing[Esc]", "typed|"],
  ["[C-r]web[Esc][C-u][C-r][C-r][Esc]", "exec |web sh"],
];

describe("editing a line", () => {
  for (const [keys, expected] of KEYS) {
    it(`${JSON.stringify(keys)} leaves ${JSON.stringify(expected)}`, () => {
      const editing = editingOf();
      pressKeys(editing, keys);
      assert.equal(shown(editing), expected);
    });
  }

  it("undoes everything that random keys did, step by step", () => {
    const editing = editingOf();
    pressKeys(editing, "one two[C-a][M-d][C-e][C-w]日本[M-Enter]x[C-t][C-u][C-y]");
    for (let step = 0; step < 100; step++) pressKeys(editing, "[C-_]");
    assert.equal(shown(editing), "|");
  });

  it("submits what is complete and goes on otherwise", () => {
    const editing = editingOf({ isComplete: (text) => text.endsWith(";") });
    assert.equal(pressKeys(editing, "a[Enter]"), undefined);
    assert.equal(shown(editing), "a\n|");
    assert.equal(pressKeys(editing, "b;[Enter]"), "submit");
    assert.equal(editing.buffer.text, "a\nb;");
  });

  it("ends at Ctrl-D on an empty input, and a document anywhere", () => {
    assert.equal(pressKeys(editingOf(), "[C-d]"), "end");
    const document = editingOf({ isDocument: true });
    assert.equal(pressKeys(document, "a[Enter]b[Home][C-d]"), "end");
    assert.equal(document.buffer.text, "a\nb");
  });

  it("takes a paste as it is, newlines too, without what could control a terminal", () => {
    const editing = editingOf();
    editing.press({ kind: "paste", text: "a:\r\n\tb\rc\x1b[2J\x07\x9b\x7f" });
    assert.equal(shown(editing), "a:\n\tb\nc[2J|");
    pressKeys(editing, "[C-_]");
    assert.equal(shown(editing), "|");
  });

  it("yanks in the next input what was killed in the one before", () => {
    const first = editingOf();
    pressKeys(first, "killed[C-u]");
    const second = editingOf({ killRing: first.options.killRing });
    pressKeys(second, "[C-y]");
    assert.equal(shown(second), "killed|");
  });
});

describe("history in the editor", () => {
  for (const [keys, expected] of HISTORY) {
    it(`${JSON.stringify(keys)} leaves ${JSON.stringify(expected)}`, () => {
      const editing = editingOf({ lines: LINES });
      pressKeys(editing, keys);
      assert.equal(shown(editing), expected);
    });
  }

  it("looks for other sessions' lines when it is walked and searched", () => {
    let lines = ["old"];
    const history = {
      get lines() {
        return lines;
      },
      add: async () => {},
      refresh: () => {
        lines = ["new", "old"];
      },
    };
    const walking = editingOf({ history });
    pressKeys(walking, "[Up]");
    assert.equal(walking.buffer.text, "new");
    lines = ["old"];
    const searching = editingOf({ history });
    pressKeys(searching, "[C-r]new[Esc]");
    assert.equal(searching.buffer.text, "new");
  });

  it("shows what is searched, what was found and where, and what is not there", () => {
    const editing = editingOf({ lines: LINES });
    pressKeys(editing, "[C-r]we");
    const { prompt, text, mark } = editing.view();
    assert.deepEqual(
      { prompt, text, mark },
      { prompt: "(reverse-i-search)`we': ", text: "exec web sh", mark: { start: 5, end: 7 } },
    );
    pressKeys(editing, "x");
    assert.equal(editing.view().prompt, "(failed reverse-i-search)`wex': ");
    pressKeys(editing, "[Backspace][C-s]");
    assert.equal(editing.view().prompt, "(failed i-search)`we': ");
  });

  it("searches at a second Ctrl-R what was searched last, in the input before too", () => {
    const first = editingOf({ lines: LINES });
    pressKeys(first, "[C-r]we[C-c]");
    const second = editingOf({ lines: LINES, lastSearch: first.options.lastSearch });
    pressKeys(second, "[C-r][C-r]");
    assert.equal(second.view().prompt, "(reverse-i-search)`we': ");
    assert.equal(second.view().text, "exec web sh");
  });

  it("suggests nothing where nothing can be shown dim, and nothing once the input is done", () => {
    assert.equal(editingOf({ lines: LINES, colors: false }).suggestion(), "");
    const editing = editingOf({ lines: LINES });
    pressKeys(editing, "ex");
    assert.equal(editing.view().suggestion, "ec web sh");
    editing.close();
    assert.equal(editing.view().suggestion, "");
  });
});

describe("completion in the editor", () => {
  const candidates = ["port-forward ", "pods ", "ps "].map((text) => ({ text }));

  it("takes the only candidate", () => {
    const editing = editingOf();
    pressKeys(editing, "po");
    editing.offer({ candidates: [{ text: "pods " }], start: 0 });
    assert.equal(shown(editing), "pods |");
    assert.equal(editing.view().menu, undefined);
  });

  it("takes what all have in common, and shows them", () => {
    const editing = editingOf();
    pressKeys(editing, "x");
    editing.offer({ candidates: candidates.slice(0, 2), start: 1 });
    assert.equal(shown(editing), "xpo|");
    assert.equal(editing.view().menu?.candidates.length, 2);
  });

  for (const [keys, expected, isOpen] of [
    ["[Tab]", "port-forward |", true],
    ["[Tab][Tab]", "pods |", true],
    ["[Tab][Tab][Tab][Tab]", "port-forward |", true],
    ["[S-Tab]", "ps |", true],
    ["[Down][Down][Up]", "port-forward |", true],
    ["[Tab][Enter]", "port-forward |", false],
    ["[Tab][Tab]x", "pods x|", false],
    ["[Tab][Esc]", "p|", false],
    ["[Tab][C-g]", "p|", false],
    ["[Esc]", "p|", false],
    ["s", "ps|", false],
    ["[Tab][Tab][Esc][C-_]", "pods |", false],
  ] as const) {
    it(`a menu at ${keys}: ${expected}`, () => {
      const editing = editingOf();
      pressKeys(editing, "p");
      editing.offer({ candidates, start: 0 });
      assert.equal(pressKeys(editing, keys), undefined);
      assert.equal(shown(editing), expected);
      assert.equal(editing.view().menu !== undefined, isOpen);
    });
  }

  it("submits at Enter where a menu is open and nothing chosen", () => {
    const editing = editingOf();
    pressKeys(editing, "p");
    editing.offer({ candidates, start: 0 });
    assert.equal(pressKeys(editing, "[Enter]"), "submit");
  });

  it("moves between the menu's columns", () => {
    const editing = editingOf();
    editing.screen = { columns: 32, rows: 10 };
    const many = Array.from({ length: 12 }, (_, index) => ({ text: `name-${index + 10}` }));
    editing.offer({ candidates: many, start: 0 });
    pressKeys(editing, "[Tab][Right]");
    assert.equal(shown(editing), "name-14|");
    pressKeys(editing, "[Left]");
    assert.equal(shown(editing), "name-10|");
  });

  it("inserts nothing that could control a terminal", () => {
    const editing = editingOf();
    editing.offer({ candidates: [{ text: "a\x1b[2Jb" }], start: 0 });
    assert.equal(shown(editing), "a[2Jb|");
  });
});
