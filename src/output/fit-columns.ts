import { displayWidth, firstColumns } from "./display-width.ts";

/** The text cut to less than the given columns, with an ellipsis where it was cut. */
export function fitColumns(text: string, columns: number): string {
  const room = columns - 1;
  return displayWidth(text) <= room ? text : `${firstColumns(text, room - 1)}…`;
}
