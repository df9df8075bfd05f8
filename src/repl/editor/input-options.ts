import type { Session } from "../../cli/context.ts";
import type { History } from "../history.ts";
import type { Completions } from "./completions.ts";
import type { Span } from "./span.ts";

/** What the editor is told about one input. None of the functions may change anything. */
export interface InputOptions {
  readonly session: Session;
  /** May hold SGR codes and newlines; everything else that controls a terminal is dropped. */
  readonly prompt: string;
  /** Before the second and every further line of an input. */
  readonly continuationPrompt: string;
  readonly history: History;
  /**
   * Asked at Tab. Keys that arrive meanwhile wait for the answer 100 ms at most; an answer for a
   * text that has changed since is dropped, and a rejection offers nothing.
   */
  complete(text: string, cursor: number): Promise<Completions>;
  /** Asked for every text that is shown: must be quick. Spans lie in order and do not overlap. */
  highlight(text: string): readonly Span[];
  /** Whether Enter submits the text; otherwise it begins another line. */
  isComplete(text: string): boolean;
  /** The last word of a line as it was typed; empty where there is none. */
  lastWord(line: string): string;
  /** What ran before was interrupted: that its last line has no end says nothing. */
  readonly isAfterInterrupt?: boolean;
  /** The input is taken, and Ctrl-C is a key no more: from now on it is a signal, for the caller. */
  onTaken?(): void;
  /** Ends the input as the session's own signal does. */
  readonly signal?: AbortSignal;
}
