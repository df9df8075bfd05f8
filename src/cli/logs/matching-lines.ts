import type { ByteBuffer } from "./byte-buffer.ts";
import { requiredText } from "./required-text.ts";

const NEWLINE = 10;
const SPACE = 32;

/** Picks lines by a regular expression out of many at a time. */
export class MatchingLines {
  private readonly pattern: RegExp;
  private readonly hasStamps: boolean;
  /** Bytes of which every line that matches has one; undefined where nothing is sure. */
  private readonly needles: readonly Buffer[] | undefined;
  private readonly isDecidedByNeedle: boolean;

  /** With `hasStamps` each line begins with a word that is none of its text. */
  constructor(pattern: RegExp, { hasStamps }: { readonly hasStamps: boolean }) {
    const required = requiredText(pattern);
    this.pattern = pattern;
    this.hasStamps = hasStamps;
    this.needles = required?.anyOf.map((text) => Buffer.from(text));
    this.isDecidedByNeedle = required?.isAll === true;
  }

  /** Appends the lines of `text` that match; each has its newline. */
  append(text: Buffer, to: ByteBuffer): void {
    const { needles } = this;
    // Where each is found next: most lines are never looked at.
    const next = needles?.map((needle) => text.indexOf(needle)) ?? [];
    for (let from = 0; from < text.length; ) {
      let at = from;
      if (needles !== undefined) {
        at = -1;
        for (const [index, needle] of needles.entries()) {
          let found = next[index] as number;
          if (found >= 0 && found < from) {
            found = text.indexOf(needle, from);
            next[index] = found;
          }
          if (found >= 0 && (at < 0 || found < at)) at = found;
        }
        if (at < 0) return;
      }
      const start = at === 0 ? 0 : text.lastIndexOf(NEWLINE, at - 1) + 1;
      const textStart = this.hasStamps ? text.indexOf(SPACE, start) + 1 : start;
      if (needles !== undefined && at < textStart) {
        from = textStart;
        continue;
      }
      const end = text.indexOf(NEWLINE, Math.max(at, textStart));
      if (this.isDecidedByNeedle || this.pattern.test(text.toString("utf8", textStart, end))) {
        to.append(text, start, end + 1);
      }
      from = end + 1;
    }
  }
}
