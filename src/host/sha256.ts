/** The part of Bun that is used here. */
interface BunHashing {
  readonly CryptoHasher: new (
    algorithm: "sha256",
  ) => { update(data: string | Uint8Array): { digest(encoding: "hex"): string } };
}

/**
 * The SHA-256 of a whole text in hexadecimal. Bun has a hasher at hand, where node:crypto takes it
 * milliseconds to load.
 */
export function sha256Hex(data: string | Uint8Array): string {
  const { Bun } = globalThis as { Bun?: BunHashing };
  if (Bun !== undefined) return new Bun.CryptoHasher("sha256").update(data).digest("hex");
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(data).digest("hex");
}
