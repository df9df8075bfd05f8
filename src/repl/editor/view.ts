import type { CompletionMenu } from "./completion-menu.ts";
import type { Span } from "./span.ts";

/** All that is to be seen of an input. */
export interface View {
  /** May hold SGR codes and newlines. */
  readonly prompt: string;
  readonly continuationPrompt: string;
  readonly text: string;
  readonly cursor: number;
  readonly spans: readonly Span[];
  /** A part that is underlined: what a search has found. */
  readonly mark: { readonly start: number; readonly end: number } | undefined;
  /** Shown dim behind the text. */
  readonly suggestion: string;
  readonly menu: CompletionMenu | undefined;
}
