import type { Span } from "./editor/span.ts";
import { scanTokens } from "./language/scan-tokens.ts";
import type { Part, Token, WordToken } from "./language/token.ts";
import { verbIndex } from "./language/verb-index.ts";

/** What is known of a command's name. */
export interface HighlightFacts {
  kindOf(name: string): "command" | "builtin" | undefined;
}

/**
 * The colours of a text, in order and without overlap; what /bin/sh gets has none. Time in
 * proportion to the text.
 */
export function highlightLine(text: string, facts: HighlightFacts): readonly Span[] {
  const { tokens, mistake } = scanTokens(text);
  const spans: Span[] = [];
  let words: WordToken[] = [];
  const finish = () => {
    if (words.length > 0) spans.push(...commandSpans(words, text, facts));
    words = [];
  };
  for (const token of tokens) {
    if (token.kind === "word" && token.role !== "target") words.push(token);
    else {
      if (token.kind === "operator") finish();
      spans.push(...spansOf(token));
    }
  }
  finish();
  if (mistake !== undefined && !spans.some((span) => covers(span, mistake.at))) {
    spans.push({ start: mistake.at, end: mistake.at + 1, tone: "unknown" });
  }
  return spans.sort((one, other) => one.start - other.start);
}

function covers({ start, end }: Span, at: number): boolean {
  return start <= at && at < end;
}

function spansOf(token: Token): readonly Span[] {
  const { start, end } = token;
  if (token.kind === "comment") return [{ start, end, tone: "comment" }];
  if (token.kind === "word") return token.parts.flatMap(partSpans);
  return token.kind === "shell" ? [] : [{ start, end, tone: "operator" }];
}

function commandSpans(
  words: readonly WordToken[],
  text: string,
  { kindOf }: HighlightFacts,
): readonly Span[] {
  const texts = words.map((word) => word.parts.map((part) => textOf(part, text)).join(""));
  const verb = verbIndex(texts);
  return words.flatMap((word, index): readonly Span[] => {
    const { start, end, parts } = word;
    const name = texts[index] ?? "";
    const isPrefix = index < (verb ?? 1) && kindOf(name) === "builtin";
    const isProgram = index === 0 && name === "crish";
    if (index === verb || isPrefix || isProgram) {
      const tone = isProgram ? "command" : (kindOf(name) ?? "unknown");
      return [{ start, end, tone }];
    }
    const isFlag = parts[0]?.kind === "text" && !parts[0].quoted && name.startsWith("-");
    if (!isFlag) return parts.flatMap(partSpans);
    return parts.flatMap((part, at): readonly Span[] =>
      at === 0 ? [{ start: part.start, end: part.end, tone: "flag" }] : partSpans(part),
    );
  });
}

function textOf(part: Part, text: string): string {
  return part.kind === "text" ? part.text : text.slice(part.start, part.end);
}

function partSpans(part: Part): readonly Span[] {
  const { kind, start, end, quoted } = part;
  if (kind !== "text") return [{ start, end, tone: "variable" }];
  return quoted ? [{ start, end, tone: "string" }] : [];
}
