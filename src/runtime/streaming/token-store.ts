import { randomBytes } from "node:crypto";
import { StatusError } from "../../errors/status-error.ts";

export interface TokenStore<T> {
  /** A new token that cannot be guessed. Throws ResourceExhausted when too many are outstanding. */
  add(value: T): string;
  /** The value, which is gone with it; undefined for an unknown, used or expired token. */
  take(token: string): T | undefined;
  has(token: string): boolean;
}

/** Tokens that work once and expire. Nothing runs in between: expired ones go when others come. */
export function createTokenStore<T>(lifetimeMs: number, now = Date.now): TokenStore<T> {
  const entries = new Map<string, { value: T; expiresAtMs: number }>();
  const dropExpired = (): void => {
    // Insertion order is the order of expiry.
    for (const [token, { expiresAtMs }] of entries) {
      if (expiresAtMs > now()) return;
      entries.delete(token);
    }
  };
  return {
    add(value) {
      dropExpired();
      if (entries.size >= MAX_TOKENS) {
        throw new StatusError(
          "ResourceExhausted",
          "too many streaming URLs are waiting to be used",
        );
      }
      const token = randomBytes(24).toString("hex");
      entries.set(token, { value, expiresAtMs: now() + lifetimeMs });
      return token;
    },
    take(token) {
      dropExpired();
      const entry = entries.get(token);
      entries.delete(token);
      return entry?.value;
    },
    has(token) {
      dropExpired();
      return entries.has(token);
    },
  };
}

const MAX_TOKENS = 1_000;
