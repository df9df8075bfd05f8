/** The text cut to less than the given columns, with an ellipsis where it was cut. */
export function fitColumns(text: string, columns: number): string {
  const room = columns - 1;
  const characters = [...text];
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join("")}…`;
}
