import { withModifiers } from "./key.ts";

/** Final characters of `ESC [ … X` and `ESC O X`: xterm, VT220, the Linux console, screen, tmux. */
const BY_FINAL: Readonly<Record<string, string>> = {
  A: "Up",
  B: "Down",
  C: "Right",
  D: "Left",
  E: "Begin",
  F: "End",
  H: "Home",
  M: "Enter",
  P: "F1",
  Q: "F2",
  R: "F3",
  S: "F4",
  Z: "S-Tab",
};

/** Numbers of `ESC [ N ~`. */
const BY_NUMBER: Readonly<Record<number, string>> = {
  1: "Home",
  2: "Insert",
  3: "Delete",
  4: "End",
  5: "PageUp",
  6: "PageDown",
  7: "Home",
  8: "End",
  11: "F1",
  12: "F2",
  13: "F3",
  14: "F4",
  15: "F5",
  17: "F6",
  18: "F7",
  19: "F8",
  20: "F9",
  21: "F10",
  23: "F11",
  24: "F12",
};

/** rxvt ends `ESC [ N` otherwise where keys are held. */
const RXVT_FINAL: Readonly<Record<string, number>> = { $: 2, "^": 5, "@": 6 };
/** rxvt's arrows: `ESC [ a` with Shift, `ESC O a` with Control. */
const RXVT_ARROWS: Readonly<Record<string, string>> = { a: "Up", b: "Down", c: "Right", d: "Left" };

/** Keys that report their character's code: `ESC [ CODE ; MODIFIERS u`. */
const BY_CODE: Readonly<Record<number, string>> = {
  8: "Backspace",
  9: "Tab",
  13: "Enter",
  27: "Esc",
  32: "Space",
  127: "Backspace",
};

/** The key of `ESC [ parameters final`; undefined for what is no key that is known. */
export function keyOfControlSequence(parameters: string, final: string): string | undefined {
  if (!/^[\d;:]*$/.test(parameters)) return undefined;
  const [first = 0, second = 1, third] = parameters
    .split(";")
    .map((part) => Number.parseInt(part, 10) || undefined);
  if (final === "~" && first === 27 && third !== undefined) return keyOfCode(third, second);
  if (final === "u") return keyOfCode(first, second);
  const rxvt = RXVT_FINAL[final];
  if (final === "~" || rxvt !== undefined) {
    const name = BY_NUMBER[first];
    return name === undefined ? undefined : withModifiers(name, rxvt ?? second);
  }
  const arrow = RXVT_ARROWS[final];
  if (arrow !== undefined) return parameters === "" ? `S-${arrow}` : undefined;
  const name = BY_FINAL[final];
  // What ends like F3 with two numbers may be the report of a position.
  if (name === undefined || final === "M") return undefined;
  if (final === "R" && first > 1) return undefined;
  // Some send `ESC [ 5 C` for `ESC [ 1 ; 5 C`.
  const modifiers = parameters !== "" && !parameters.includes(";") ? Math.max(first, 1) : second;
  return withModifiers(name, modifiers);
}

/** The key of `ESC O modifiers final`. */
export function keyOfSingleShift(modifiers: string, final: string): string | undefined {
  const arrow = RXVT_ARROWS[final];
  if (arrow !== undefined) return `C-${arrow}`;
  const name = BY_FINAL[final];
  return name === undefined ? undefined : withModifiers(name, Number(modifiers) || 1);
}

function keyOfCode(code: number, modifiers: number): string | undefined {
  const named = BY_CODE[code];
  if (named !== undefined) return withModifiers(named, modifiers);
  if (code < 0x20 || code > 0x10ffff) return undefined;
  const character = String.fromCodePoint(code);
  // The case of the character says it already.
  const withoutShift = ((modifiers - 1) & ~1) + 1;
  if (withoutShift === 1) return undefined;
  return withModifiers(character.toLowerCase(), withoutShift);
}
