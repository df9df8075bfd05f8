/** What is said of a runtime that went away, the same wherever something goes on beyond that. */
export function lostText(endpoint: string, goesOn: string, at?: Date): string {
  const when = at === undefined ? "" : ` at ${at.toTimeString().slice(0, 8)}`;
  return `lost "${endpoint}"${when}: ${goesOn} as soon as it is back`;
}

/** What is said when it is there again, with the seconds between or what became of them. */
export function backText(
  endpoint: string,
  lostForMs: number,
  gapOf: (seconds: string) => string = (seconds) => ` after ${seconds}`,
): string {
  return `"${endpoint}" is back${gapOf(`${Math.ceil(lostForMs / 1000)} s`)}`;
}
