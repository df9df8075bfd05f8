/** What a registry asks for in WWW-Authenticate (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const SCHEME = /^\s*,?\s*([A-Za-z0-9-]+)(?:\s+|$)/;
const PARAMETER = /^\s*,?\s*([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;

/** All challenges of a header, in order; what does not parse is left out. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header;
  while (rest.trim() !== "") {
    const parameter = PARAMETER.exec(rest);
    const current = challenges.at(-1);
    if (parameter !== null && current !== undefined) {
      const value = parameter[2]?.replaceAll(/\\(.)/g, "$1") ?? parameter[3] ?? "";
      current.parameters[(parameter[1] ?? "").toLowerCase()] = value;
      rest = rest.slice(parameter[0].length);
      continue;
    }
    const scheme = SCHEME.exec(rest);
    if (scheme === null) return challenges;
    challenges.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
  return challenges;
}
