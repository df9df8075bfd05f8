const SHORT_LENGTH = 13;

/** The first 13 digits of an ID or digest; a name that is neither stays whole. */
export function shortId(id: string): string {
  const digits = id.startsWith("sha256:") ? id.slice("sha256:".length) : id;
  return isLongHex(digits) ? digits.slice(0, SHORT_LENGTH) : id;
}

/** A loop: where nothing else does, a regular expression costs a command more than its whole table. */
function isLongHex(text: string): boolean {
  if (text.length <= SHORT_LENGTH) return false;
  for (let index = 0; index < text.length; index++) {
    if (!"0123456789abcdef".includes(text.charAt(index))) return false;
  }
  return true;
}
