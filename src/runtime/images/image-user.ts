/**
 * The user of an image's config as CRI tells it: a number, or a name that only the container's own
 * passwd can resolve. A group after the colon is not told. `1003:1004` is uid 1003.
 */
export function imageUser(user: string | undefined): {
  uid: bigint | undefined;
  username: string;
} {
  const name = (user ?? "").split(":")[0] ?? "";
  if (name === "") return { uid: undefined, username: "" };
  return /^\d{1,10}$/.test(name)
    ? { uid: BigInt(name), username: "" }
    : { uid: undefined, username: name };
}
