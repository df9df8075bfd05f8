import { findExecutable } from "../../host/find-executable.ts";

/** What sh does by itself, differently from a program of that name or where there is none. */
const OWN_WORDS = new Set(
  [
    "alias bg break case cd command continue echo eval exec exit export false fc fg for getopts",
    "hash if jobs kill local printf pwd read readonly return set shift test times trap true type",
    "ulimit umask unalias unset until wait while",
  ].flatMap((line) => line.split(" ")),
);

/**
 * The text with `exec` before it where that changes nothing but who waits: Debian's sh would stay
 * beside a single program, and report Ctrl-C as its own end when a pager or an editor did not mind.
 */
export function toExecForm(text: string, path: string | undefined): string {
  const name = /^[A-Za-z0-9_./+-]+(?=\s|$)/.exec(text)?.[0];
  if (name === undefined || OWN_WORDS.has(name) || /[;&|()\n`]/.test(text)) return text;
  return findExecutable(name, path) === undefined ? text : `exec ${text}`;
}
