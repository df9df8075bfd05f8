/** What proves to a registry who asks. Never logged, never in a message. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** An OAuth2 refresh token. */
  readonly identityToken?: string;
  /** Sent as it is. */
  readonly registryToken?: string;
}

/** `user:password` in base64, as Docker's files and CRI's `auth` field hold it; undefined where it is not that. */
export function decodeBasic(text: string): Credentials | undefined {
  const decoded = Buffer.from(text, "base64").toString("utf8").replaceAll("\0", "");
  const colon = decoded.indexOf(":");
  if (colon <= 0) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

export function encodeBasic(credentials: Credentials): string | undefined {
  if (!credentials.username) return undefined;
  const pair = `${credentials.username}:${credentials.password ?? ""}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}
