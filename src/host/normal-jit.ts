/** The part of Bun that is used here. */
interface BunTuning {
  readonly unsafe: { setJITPolicy(scale: number): void };
}

/** Nearly all commands have ended by then, and short scripts: compiling pays where a process goes on. */
const START_MS = 250;

/**
 * The executable starts with a compiler that holds back (scripts/release/build-executable.ts), since
 * code that runs once is not worth compiling. What goes on after the start gets the usual one.
 */
export function useNormalJitAfterStart(): void {
  const { Bun } = globalThis as { Bun?: BunTuning };
  if (Bun === undefined) return;
  setTimeout(() => Bun.unsafe.setJITPolicy(1), START_MS).unref();
}
