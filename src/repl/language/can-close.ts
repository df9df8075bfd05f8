import type { Open } from "./token.ts";

const CLOSING: Readonly<Partial<Record<Open, RegExp>>> = {
  "'": /'/,
  '"': /"/,
  "$(": /\)/,
  "${": /\}/,
  shell: /[)}"`]|\b(?:done|fi|esac)\b/,
};

/**
 * Whether a further line may close what is open. So that a text of many lines that comes line by
 * line need not be read anew for each of them.
 */
export function canClose(open: Open, line: string): boolean {
  return CLOSING[open]?.test(line) ?? true;
}
