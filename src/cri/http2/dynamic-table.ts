import { fieldSize, type HeaderField } from "./header-field.ts";
import { STATIC_TABLE } from "./static-table.ts";

/** The fields that one side has sent and both remember, oldest first (RFC 7541, section 2.3). */
export class DynamicTable {
  readonly #fields: HeaderField[] = [];
  #bytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The field of an index of the whole address space, static fields first; undefined beyond it. */
  at(index: number): HeaderField | undefined {
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1];
    return this.#fields[this.#fields.length - (index - STATIC_TABLE.length)];
  }

  /** A field larger than the table empties it, which is no error. */
  add(field: HeaderField): void {
    const size = fieldSize(field);
    this.#evict(this.#maxBytes - size);
    if (size > this.#maxBytes) return;
    this.#fields.push(field);
    this.#bytes += size;
  }

  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evict(maxBytes);
  }

  /** The index of the field in the whole address space; that of its name alone where negative; 0 without either. */
  find({ name, value }: HeaderField): number {
    let byName = 0;
    for (let at = 0; at < STATIC_TABLE.length; at++) {
      const known = STATIC_TABLE[at];
      if (known?.name !== name) continue;
      if (known.value === value) return at + 1;
      if (byName === 0) byName = -(at + 1);
    }
    for (let at = this.#fields.length - 1; at >= 0; at--) {
      const known = this.#fields[at];
      if (known?.name !== name) continue;
      const index = STATIC_TABLE.length + this.#fields.length - at;
      if (known.value === value) return index;
      if (byName === 0) byName = -index;
    }
    return byName;
  }

  #evict(downToBytes: number): void {
    while (this.#bytes > downToBytes && this.#fields.length > 0) {
      const oldest = this.#fields.shift();
      if (oldest !== undefined) this.#bytes -= fieldSize(oldest);
    }
  }
}
