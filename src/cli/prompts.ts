import type { Readable, Writable } from "node:stream";
import { StatusError } from "../errors/status-error.ts";

export interface PromptPlace {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** Asks yes or no, no being the default. Throws Cancelled on Ctrl-C. */
export async function askConfirmation(question: string, place: PromptPlace): Promise<boolean> {
  const { confirm } = await import("@inquirer/prompts");
  return await asked(() => confirm({ message: question, default: false }, { ...place }));
}

/** Asks for a secret without echo. Throws Cancelled on Ctrl-C. */
export async function askPassword(question: string, place: PromptPlace): Promise<string> {
  const { password } = await import("@inquirer/prompts");
  return await asked(() => password({ message: question, mask: false }, { ...place }));
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch {
    // Ctrl-C at the prompt, or the command's signal: the library tells nothing more.
    throw new StatusError("Cancelled", "interrupted");
  }
}
