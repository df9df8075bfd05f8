import { open } from "node:fs/promises";
import { errnoText } from "../errors/errno-text.ts";
import { StatusError } from "../errors/status-error.ts";
import type { MessageName } from "./json/field-table.ts";
import type { MessageOf } from "./json/from-json.ts";
import { parseConfigText } from "./parse-config-text.ts";

/** Beyond any real configuration; what is larger is some other file. */
export const MAX_CONFIG_BYTES = 16 * 1024 * 1024;

/**
 * Reads a message from a JSON or YAML file: `readConfigFile("PodSandboxConfig", "pod.yaml")`.
 * Throws InvalidArgument for a file that cannot be read or understood, with its place in the file.
 */
export async function readConfigFile<Name extends MessageName>(
  message: Name,
  path: string,
): Promise<MessageOf<Name>> {
  return parseConfigText(message, await readConfigText(path), path);
}

/** The text of a file that a person wrote. Throws InvalidArgument. */
export async function readConfigText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    await using file = await open(path, "r");
    const facts = await file.stat();
    if (facts.isDirectory()) throw unreadable(path, "it is a directory");
    if (facts.size > MAX_CONFIG_BYTES) throw unreadable(path, "it is larger than 16 MiB");
    bytes = await file.readFile();
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw unreadable(path, errnoText(error));
  }
  return toConfigText(bytes, path);
}

/** Throws InvalidArgument for what is not UTF-8, or too large. */
export function toConfigText(bytes: Uint8Array, path: string): string {
  if (bytes.length > MAX_CONFIG_BYTES) throw unreadable(path, "it is larger than 16 MiB");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(path, "it is not UTF-8 text");
  }
}

function unreadable(path: string, reason: string): StatusError {
  return new StatusError("InvalidArgument", `cannot read "${path}": ${reason}`);
}
