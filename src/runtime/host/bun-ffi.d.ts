/** The little of Bun's own foreign function interface that `libc.ts` uses; Node never loads it. */
declare module "bun:ffi" {
  type Argument = number | bigint | Uint8Array | null;
  interface Signature {
    readonly args: readonly string[];
    readonly returns: string;
  }
  export function dlopen<Name extends string>(
    library: string,
    symbols: Readonly<Record<Name, Signature>>,
  ): { readonly symbols: Readonly<Record<Name, (...args: Argument[]) => number | bigint>> };
  export const read: { i32(pointer: number, offset: number): number };
}
