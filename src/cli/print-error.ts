import { describe } from "../errors/describe.ts";
import { escapeControl } from "../output/escape-control.ts";
import type { OutputStream } from "./context.ts";

/** `crish: what could not be done`, in a script `file:line: what …`; below it the hint, if any. */
export async function printError(stderr: OutputStream, error: unknown): Promise<void> {
  if (stderr.formatError !== undefined) {
    await stderr.write(`${escapeControl(stderr.formatError(error))}\n`);
    return;
  }
  const { message, hint } = describe(error);
  const place = stderr.place?.() ?? "crish";
  const lines = [`${place}: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`])];
  await stderr.write(`${lines.map((line) => escapeControl(line)).join("\n")}\n`);
}
