import type { Key } from "node:readline";
import { alignCells } from "../output/align-cells.ts";
import { fitColumns } from "../output/fit-columns.ts";
import type { PickChoice, PickRequest } from "./pick-request.ts";
import { useRedraw } from "./redraw-prompt.ts";

const SHOWN_CHOICES = 10;
/** `> ` and `[x] ` */
const PREFIX = 2;
const MARKED_PREFIX = 6;
/** The question's `? `, and the blank behind it. */
const QUESTION_PREFIX = 3;

export interface ChooseOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  columns(): number | undefined;
}

/**
 * A list that typing narrows: each word typed must occur in a choice. Enter takes the marked
 * choices, or the one under the cursor where none is marked. Resolves to undefined on Esc; rejects
 * on Ctrl-C and when the signal aborts. The terminal is restored either way.
 */
export async function choose(
  request: PickRequest,
  { columns, ...place }: ChooseOptions,
): Promise<readonly string[] | undefined> {
  const core = await import("@inquirer/core");
  const { useEffect, useState, useKeypress, usePrefix, usePagination } = core;
  const theme = core.makeTheme();
  let rowsBelow = 0;
  const prompt = core.createPrompt<readonly string[] | undefined, PickRequest>((config, done) => {
    const [status, setStatus] = useState<"idle" | "done" | "cancelled">("idle");
    const [term, setTerm] = useState("");
    const [active, setActive] = useState(0);
    const [marked, setMarked] = useState<readonly string[]>([]);
    const isDone = status === "done";
    const redraw = useRedraw(core, { output: place.output, rowsBelow: () => rowsBelow });
    useEffect(() => {
      place.output.on("resize", redraw);
      return () => void place.output.off("resize", redraw);
    }, []);
    const prefix = usePrefix({ status: isDone ? "done" : "idle", theme });
    const found = config.choices.filter((choice) => matches(choice, term));
    const width = columns() ?? 80;
    const lines = alignCells(
      config.choices.map(({ cells }) => cells),
      width - (config.several ? MARKED_PREFIX : PREFIX) - 1,
    );
    const current = found[Math.min(active, found.length - 1)];
    const finish = (values: readonly string[] | undefined) => {
      setMarked(values ?? []);
      setStatus(values === undefined ? "cancelled" : "done");
      done(values);
    };
    useKeypress((key, line) => {
      if (status !== "idle") return;
      const keepTerm = () => {
        line.clearLine(0);
        line.write(term);
      };
      if (key.name === "escape") return finish(undefined);
      if (core.isEnterKey(key)) {
        // Esc and then Enter, read at once: nothing may be taken that the first of them left.
        if ((key as Key).meta === true) return finish(undefined);
        if (marked.length > 0) return finish(marked);
        if (current !== undefined) return finish([current.value]);
        keepTerm();
      } else if (core.isUpKey(key)) {
        keepTerm();
        setActive(Math.max(0, active - 1));
      } else if (core.isDownKey(key)) {
        keepTerm();
        setActive(Math.min(found.length - 1, active + 1));
      } else if (core.isTabKey(key)) {
        keepTerm();
        if (config.several && current !== undefined) setMarked(toggled(marked, current.value));
      } else if (line.line !== term) {
        setTerm(line.line);
        setActive(0);
      }
    });
    const header = `${prefix} ${theme.style.message(config.question, isDone ? "done" : "idle")}`;
    if (status === "cancelled") return header;
    if (isDone) {
      const names = config.choices.filter(({ value }) => marked.includes(value));
      return `${header} ${theme.style.answer(names.map(shortName).join(", "))}`;
    }
    const keys = config.several
      ? "type to search, up and down move, Tab marks, Enter takes, Esc cancels"
      : "type to search, up and down move, Enter takes, Esc cancels";
    const keyRows = Math.ceil(keys.length / width);
    const questionRows =
      Math.floor((QUESTION_PREFIX + config.question.length + term.length) / width) + 1;
    const page = usePagination({
      items: found,
      active: Math.max(0, Math.min(active, found.length - 1)),
      pageSize: Math.max(1, Math.min(SHOWN_CHOICES, rowsOf(place.output) - questionRows - keyRows)),
      loop: false,
      renderItem({ item, isActive }) {
        const mark = config.several ? (marked.includes(item.value) ? "[x] " : "[ ] ") : "";
        const row = fitColumns(
          `${isActive ? ">" : " "} ${mark}${lines[config.choices.indexOf(item)]}`,
          width,
        );
        return isActive ? theme.style.highlight(row) : row;
      },
    });
    const body = found.length === 0 ? "  nothing matches" : page;
    rowsBelow = body.split("\n").length + keyRows;
    return [`${header} ${term}`, `${body}\n${theme.style.help(keys)}`];
  });
  return await prompt(request, { ...place });
}

function rowsOf(output: ChooseOptions["output"]): number {
  return (output as Partial<NodeJS.WriteStream>).rows || 24;
}

function matches({ label }: PickChoice, term: string): boolean {
  const text = label.toLowerCase();
  return term
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function toggled(marked: readonly string[], value: string): readonly string[] {
  return marked.includes(value) ? marked.filter((each) => each !== value) : [...marked, value];
}

function shortName({ cells, label }: PickChoice): string {
  return cells[0] ?? label;
}
