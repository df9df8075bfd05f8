/**
 * The line editor: keys of a terminal to an input of one or more lines. This room owns decoding
 * keys, editing, the display below the prompt, completion's menu and the search in history. It
 * knows nothing of the language that is typed: meaning, candidates and completeness are asked.
 */
import type { Session } from "../../cli/context.ts";
import type { EditedInput } from "./edited-input.ts";
import type { InputOptions } from "./input-options.ts";

export type { CompletionCandidate, Completions } from "./completions.ts";
export type { EditedInput } from "./edited-input.ts";
export type { InputOptions } from "./input-options.ts";
export type { Span, Tone } from "./span.ts";

/** What a shell keeps between its inputs: killed text, and the input that is edited now. */
export interface Editor {
  /**
   * Reads one input. The terminal is in raw mode only meanwhile and is restored whatever happens.
   * What was typed or pasted beyond the input goes back to stdin: to the next input, or to the
   * command that reads it. Never rejects.
   */
  readInput(options: Omit<InputOptions, "session">): Promise<EditedInput>;
  /**
   * Reads a text of several lines that Ctrl-D ends, lines of any length. Rejects with Cancelled at
   * Ctrl-C and at the session's end. `session` is that of the command which asks.
   */
  readDocument(session: Session, prompt: string): Promise<string>;
  /** Prints a line above the prompt without disturbing what is typed; without a prompt, at once. */
  printAbove(text: string): Promise<void>;
}
