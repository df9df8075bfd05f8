import { StatusError } from "../../errors/status-error.ts";

export interface ForwardedPort {
  /** 0 for any that is free. */
  readonly local: number;
  readonly remote: number;
}

/** `8080:80`, `80` for the same port on both sides, `:80` for any local one. Throws InvalidArgument. */
export function parsePorts(words: readonly string[]): ForwardedPort[] {
  return words.map((word) => {
    const match = /^(?:(\d{0,5}):)?(\d{1,5})$/.exec(word);
    const remote = Number(match?.[2]);
    const local = match?.[1] === undefined ? remote : Number(match[1] || "0");
    if (match === null || remote < 1 || remote > 65_535 || local > 65_535) {
      throw new StatusError("InvalidArgument", `"${word}" is not a port`, {
        hint: "write it as [LOCAL:]REMOTE, as in 8080:80",
      });
    }
    return { local, remote };
  });
}
