/**
 * Text that others control (names, labels, messages), with control characters spelled out so that
 * it cannot move the cursor or change colours. Newlines count as control characters.
 */
export function escapeControl(text: string): string {
  // Nearly all text; the classes below take longer to compile than a table of it takes to print.
  if (isPlain(text)) return text;
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    if (character === "\r") return "\\r";
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/** Of printable ASCII. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
