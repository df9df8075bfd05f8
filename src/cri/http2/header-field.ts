/** One line of a block of headers. Names are in lower case; values hold one character per byte. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** What a field counts for, in tables and in the size of a list (RFC 7541, section 4.1). */
export function fieldSize({ name, value }: HeaderField): number {
  return name.length + value.length + 32;
}
