/** One thing that the terminal said. */
export type Key =
  /** Typed characters: no control characters among them. */
  | { readonly kind: "text"; readonly text: string }
  /**
   * A key by its name: `Enter`, `Tab`, `Backspace`, `Esc`, `Up`, `F5`, or a character; with `C-`,
   * `M-` and `S-` before it, in this order, for the keys held with it: `C-a`, `M-Enter`, `C-S-Left`.
   */
  | { readonly kind: "press"; readonly name: string }
  /** What stood between the marks of a bracketed paste, as it came. */
  | { readonly kind: "paste"; readonly text: string };

/** The bits of the number with which terminals report held keys, less one. */
const SHIFT = 1;
const ALT = 2;
const CONTROL = 4;
const META = 8;

/** `withModifiers("Left", 5)` is `C-Left`; 1 means none. */
export function withModifiers(name: string, modifiers: number): string {
  const bits = modifiers - 1;
  const control = bits & CONTROL ? "C-" : "";
  const meta = bits & (ALT | META) ? "M-" : "";
  const shift = bits & SHIFT ? "S-" : "";
  return `${control}${meta}${shift}${name}`;
}

/** The name of a key under Alt: `M-b` for `b`, `C-M-a` for `C-a`. */
export function withAlt(name: string): string {
  return name.startsWith("C-") ? `C-M-${name.slice(2)}` : `M-${name}`;
}

/** The name of a control byte; C-i, C-j, C-m and Esc are keys of their own. */
export function controlName(byte: number): string {
  if (byte === 0x09) return "Tab";
  if (byte === 0x0a || byte === 0x0d) return "Enter";
  if (byte === 0x1b) return "Esc";
  if (byte === 0x7f || byte === 0x08) return "Backspace";
  if (byte === 0) return "C-Space";
  return `C-${String.fromCharCode(byte + 0x40).toLowerCase()}`;
}
