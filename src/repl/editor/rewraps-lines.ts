/**
 * Whether the terminal wraps its lines anew when it becomes wider or narrower. Nearly all do; xterm
 * and GNU screen leave every row where it is.
 */
export function rewrapsLines(env: Readonly<Record<string, string | undefined>>): boolean {
  return (env.XTERM_VERSION ?? env.STY ?? "") === "";
}
