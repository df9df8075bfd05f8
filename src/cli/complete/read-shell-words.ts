/** A line as a POSIX shell takes it apart, up to the cursor. */
export interface ShellWords {
  /** Before the current one, without quotes; redirections are left out. */
  readonly words: readonly string[];
  readonly current: CurrentWord;
}

export interface CurrentWord {
  /** Without quotes. */
  readonly text: string;
  /** How much of that text stands before the part which the shell replaces. */
  readonly kept: number;
  /** The quote that is open at the cursor. */
  readonly quote: "'" | '"' | undefined;
}

/**
 * Readline replaces the current word from behind the last unquoted one of `breaks` on (bash's
 * COMP_WORDBREAKS), or from behind the quote that is open.
 */
export function readShellWords(line: string, breaks = ""): ShellWords {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at++;
      continue;
    }
    const word = readWord(line, at, breaks);
    if (word.end === line.length) return { words: withoutRedirections(words), current: word };
    words.push(word.text);
    at = word.end;
  }
  const current = { text: "", kept: 0, quote: undefined };
  return { words: withoutRedirections(words), current };
}

function readWord(line: string, start: number, breaks: string): CurrentWord & { end: number } {
  let text = "";
  let kept = 0;
  let quote: "'" | '"' | undefined;
  let at = start;
  for (; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote === undefined && /\s/.test(character)) break;
    if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character;
      kept = text.length;
    } else if (character === "\\" && quote !== "'" && isGuarded(line.charAt(at + 1), quote)) {
      text += line.charAt(++at);
    } else {
      text += character;
      if (quote === undefined && breaks.includes(character)) kept = text.length;
    }
  }
  return { text, kept, quote, end: Math.min(at, line.length) };
}

function isGuarded(next: string, quote: string | undefined): boolean {
  return quote === undefined || '$`"\\'.includes(next);
}

/** `> file` and `2>&1` are the shell's and no words of the command. */
function withoutRedirections(words: readonly string[]): readonly string[] {
  const operator = /^\d*(?:>>?|<|&>>?|>&)/;
  return words.filter((word, index) => {
    const before = words[index - 1] ?? "";
    return !operator.test(word) && !(operator.test(before) && before.replace(operator, "") === "");
  });
}
