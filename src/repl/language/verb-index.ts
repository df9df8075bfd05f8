import { FLAGS_BEFORE_VERB, scanBefore } from "../../cli/complete/scan-before.ts";

const DURATION = /^[+-]?[\d.]/;

/** How many words stand before what a command line runs: `crish`, `time`, `watch` and its interval. */
export function countPrefixes(words: readonly string[]): number {
  let index = 0;
  for (;;) {
    const word = words[index];
    if (word === "time" || (word === "crish" && index === 0)) index++;
    else if (word === "watch") index += 1 + countInterval(words.slice(index + 1, index + 3));
    else return Math.min(index, words.length);
  }
}

/** Which of the words is the verb, behind prefixes and global flags; undefined where none is there. */
export function verbIndex(words: readonly string[]): number | undefined {
  const from = countPrefixes(words);
  const { positionals, rest } = scanBefore(words.slice(from), FLAGS_BEFORE_VERB, 1);
  if (positionals.length === 0) return undefined;
  return words.length - (rest?.length ?? 0) - 1;
}

function countInterval([first = "", second]: readonly string[]): number {
  if (first === "-n" || first === "--interval") return second === undefined ? 1 : 2;
  return /^(-n|--interval=)./.test(first) || DURATION.test(first) ? 1 : 0;
}
