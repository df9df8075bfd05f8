/** Where words and lines of a text begin and end. */
import { nextPosition, previousPosition } from "../../output/graphemes.ts";

const WORD = /^[\p{L}\p{M}\p{N}_]/u;
const BLANK = /^\s/u;

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

export function lineEnd(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline;
}

/** The end of the word at or behind `at`, as M-f finds it. */
export function wordEnd(text: string, at: number): number {
  return skipForward(text, skipForward(text, at, isNoWord), isWord);
}

/** The beginning of the word at or before `at`, as M-b finds it. */
export function wordStart(text: string, at: number): number {
  return skipBack(text, skipBack(text, at, isNoWord), isWord);
}

/** The beginning of what blanks separate, as C-w takes it. */
export function blankWordStart(text: string, at: number): number {
  return skipBack(text, skipBack(text, at, isBlank), (grapheme) => !isBlank(grapheme));
}

type Test = (grapheme: string) => boolean;

const isWord: Test = (grapheme) => WORD.test(grapheme);
const isNoWord: Test = (grapheme) => !WORD.test(grapheme);
const isBlank: Test = (grapheme) => BLANK.test(grapheme);

function skipForward(text: string, from: number, test: Test): number {
  let at = from;
  while (at < text.length) {
    const next = nextPosition(text, at);
    if (!test(text.slice(at, next))) break;
    at = next;
  }
  return at;
}

function skipBack(text: string, from: number, test: Test): number {
  let at = from;
  while (at > 0) {
    const before = previousPosition(text, at);
    if (!test(text.slice(before, at))) break;
    at = before;
  }
  return at;
}
