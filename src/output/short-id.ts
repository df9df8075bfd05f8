const SHORT_LENGTH = 13;

/** The first 13 digits of an ID or digest; a name that is neither stays whole. */
export function shortId(id: string): string {
  const digits = id.startsWith("sha256:") ? id.slice("sha256:".length) : id;
  return /^[0-9a-f]{14,}$/.test(digits) ? digits.slice(0, SHORT_LENGTH) : id;
}
