/**
 * A pasted or inserted text as it may stand in the input: newlines in one form, tabs kept, and no
 * character that a terminal or a shell could take for a command.
 */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]/gu, "");
}
