import { escapeControl } from "./escape-control.ts";
import type { TableStyle } from "./table.ts";

/** Findings in groups, each with its mark and, where there is one, what to do about it. */
export interface ReportGroup {
  readonly title: string;
  readonly findings: readonly ReportLine[];
}

export interface ReportLine {
  readonly level: "ok" | "warn" | "fail" | "unchecked";
  readonly text: string;
  readonly fix?: string;
}

const MARKS = { ok: "ok", warn: "warn", fail: "fail", unchecked: "?" } as const;
const MARK_WIDTH = 4;
const INDENT = 2;
/** Narrower lines than that cannot be read; on a narrower terminal it wraps them itself. */
const LEAST_WIDTH = 40;

/** One line for each finding, `fix:` below it; broken at words where the width is known. */
export async function renderReport(
  groups: readonly ReportGroup[],
  style: TableStyle,
): Promise<string> {
  const paint = await painter(style.color);
  const lines: string[] = [];
  for (const { title, findings } of groups) {
    lines.push(paint.bold(escapeControl(title)));
    for (const { level, text, fix } of findings) {
      const mark = MARKS[level].padEnd(MARK_WIDTH);
      const margin = " ".repeat(INDENT);
      const [first = "", ...more] = wrap(escapeControl(text), style, INDENT + MARK_WIDTH + 2);
      lines.push(`${margin}${paint[level](mark)}  ${first}`);
      const inner = " ".repeat(INDENT + MARK_WIDTH + 2);
      lines.push(...more.map((line) => inner + line));
      if (fix === undefined) continue;
      const [head = "", ...tail] = wrap(escapeControl(fix), style, inner.length + 5);
      lines.push(`${inner}${paint.bold("fix:")} ${head}`);
      lines.push(...tail.map((line) => `${inner}     ${line}`));
    }
  }
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** Lines of at most the terminal's width, less the margin; a pipe's are never broken. */
function wrap(text: string, { isTty, width }: TableStyle, margin: number): string[] {
  if (!isTty || width === undefined) return [text];
  const room = Math.max(width, LEAST_WIDTH) - margin;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && [...line].length + 1 + [...word].length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

type Paint = (text: string) => string;

async function painter(color: boolean): Promise<Record<ReportLine["level"] | "bold", Paint>> {
  const plain = (text: string) => text;
  if (!color) return { ok: plain, warn: plain, fail: plain, unchecked: plain, bold: plain };
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return {
    ok: (text) => chalk.green(text),
    warn: (text) => chalk.yellow(text),
    fail: (text) => chalk.red(text),
    unchecked: (text) => chalk.dim(text),
    bold: (text) => chalk.bold(text),
  };
}
