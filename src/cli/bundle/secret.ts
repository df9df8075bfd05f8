/** What gives a secret away: the name it goes under, or its own form. */

const SECRET_NAME =
  /pass(word|wd|phrase|code)|(^|[^a-z])pass($|[^a-z])|secret|token|credential|creds($|[^a-z])|(^|[^a-z])auths?($|[^a-z])|[a-z]Auth$|authorization|(api|access|private|encryption|signing)[-_.]?key|signature|session|cookie|bearer|jwt|dockerconfig|kubeconfig|(^|[^a-z])(pw|pwd|pat)($|[^a-z])/i;

/** True for the name of a variable, flag, key or label that is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  // A word in camel case ends where the next one begins: `registryToken`, `userPass`.
  return SECRET_NAME.test(name) || SECRET_NAME.test(name.replace(/([a-z])([A-Z])/g, "$1_$2"));
}

/**
 * Long text of mixed letters and digits without a word in it, as generators of keys write it.
 * Hexadecimal text is an ID or a digest here, and a UUID names an object.
 */
export function looksRandom(text: string): boolean {
  if (!/^[A-Za-z0-9+/_=-]{32,}$/.test(text)) return false;
  if (/^[0-9a-f-]+$/.test(text)) return false;
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
}

/** All lengths are bounded: programs write what they like into their logs, megabytes without a blank. */
const KNOWN_FORMS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]{0,16384}?-----END [A-Z ]*PRIVATE KEY-----/g,
  /\beyJ[\w-]{8,512}\.[\w-]{8,4096}\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|npm_|xox[abprs]-|sk-|dckr_pat_)[\w-]{16,}/g,
];
const USER_OF_URL = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'@]{1,512}@/gi;
const PROOF = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
/** `name=`, `name: `, `"name": `, also escaped inside other JSON. */
const ASSIGNED = /(?:(\\?["'])|(?<![\w.-]))([\w.-]{1,80})\1\s*[=:]\s*/g;
const VALUE = /\\"[^"\\]*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',;&)}\]\\]+/y;
/** `--password value`. */
const FLAG = /(^|\s)(--?[\w.-]+)(\s+)([^\s-][^\s"']*)/g;

export const REDACTED = "<redacted>";

/** The text with what looks like a secret replaced; `keep` is told each that was found. */
export function redactText(text: string, keep: (secret: string) => void = () => {}): string {
  let clean = text;
  for (const form of KNOWN_FORMS) {
    clean = clean.replaceAll(form, (found) => {
      keep(found);
      return REDACTED;
    });
  }
  clean = clean
    .replaceAll(USER_OF_URL, "$1***@")
    .replaceAll(PROOF, (_found, scheme: string) => `${scheme} ${REDACTED}`)
    .replaceAll(FLAG, (found, before: string, name: string, between: string, value: string) => {
      if (!isSecretName(name)) return found;
      keep(value);
      return `${before}${name}${between}${REDACTED}`;
    });
  return redactAssigned(clean, keep);
}

/** Values of what has a secret name. Those of other names are searched in turn: they may hold more. */
function redactAssigned(text: string, keep: (secret: string) => void): string {
  let clean = "";
  let copiedTo = 0;
  for (const match of text.matchAll(ASSIGNED)) {
    const valueAt = match.index + match[0].length;
    if (match.index < copiedTo || !isSecretName(match[2] ?? "")) continue;
    VALUE.lastIndex = valueAt;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined || value.startsWith(REDACTED)) continue;
    keep(value.replaceAll(/^\\?["']|\\?["']$/g, ""));
    clean += text.slice(copiedTo, valueAt) + REDACTED;
    copiedTo = valueAt + value.length;
  }
  return clean + text.slice(copiedTo);
}
