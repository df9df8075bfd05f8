import { StatusError } from "../errors/status-error.ts";

/** `256m`, `512Mi`, `1g`, `1048576`: bytes, units of 1024. Throws InvalidArgument. */
export function parseMemory(word: string, flag = "--memory"): bigint {
  const match = /^(\d+(?:\.\d+)?)([bkmgt]?)(?:ib?|b)?$/i.exec(word);
  const power = "bkmgt".indexOf((match?.[2] || "b").toLowerCase());
  const sizeBytes = Number(match?.[1]) * 1024 ** power;
  if (match === null || sizeBytes < 1) {
    throw new StatusError("InvalidArgument", `${flag} wants a size such as 256m, not "${word}"`);
  }
  return BigInt(Math.round(sizeBytes));
}
