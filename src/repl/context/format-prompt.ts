import type { OutputStream } from "../../cli/context.ts";
import { cutMiddle } from "../../output/display-width.ts";
import type { Shell } from "../shell.ts";
import { formatContext } from "./format-context.ts";

/** Backend, what is in use, and the status of the last command where it failed. */
export function formatPrompt(shell: Shell, isLost: boolean, stdout: OutputStream): string {
  const paint = (text: string, on: number, off: number) =>
    stdout.color ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  const { context, runtime, status } = shell;
  const parts = [paint(`crish ${runtime?.name ?? "no runtime"}`, 1, 22)];
  if (runtime !== undefined && isLost) parts.push(paint("(gone)", 31, 39));
  if (context !== undefined) {
    const room = Math.floor((stdout.columns() ?? 80) / 2);
    parts.push(paint(cutMiddle(formatContext(context), room), 36, 39));
  }
  if (status !== 0) parts.push(paint(`[${status}]`, 31, 39));
  return `${parts.join(" ")}> `;
}
