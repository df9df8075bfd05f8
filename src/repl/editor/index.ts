/**
 * The line editor: keys of a terminal to an input of one or more lines. This room owns decoding
 * keys, editing, the display below the prompt, completion's menu and the search in history. It
 * knows nothing of the language that is typed: meaning, candidates and completeness are asked.
 */

export type { CompletionCandidate, Completions } from "./completions.ts";
export { createEditor, type Editor } from "./create-editor.ts";
export type { InputOptions } from "./input-options.ts";
