import type { Mistake, Open, RedirectToken, WordToken } from "./token.ts";

/** What a text means; lists run one after the other. */
export interface Program {
  readonly kind: "program";
  readonly lists: readonly List[];
}

/** Pipelines joined by `&&` and `||`. */
export type List = readonly ListItem[];

export interface ListItem {
  /** After which end of what ran before it. */
  readonly when: "always" | "success" | "failure";
  readonly pipeline: Pipeline;
}

export interface Pipeline {
  /** The number of its first line, from 1. */
  readonly line: number;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
  /** `set NAME = …`: what takes its output. */
  readonly capture: string | undefined;
  /** `alias NAME = …`: nothing is run, and the text is kept. */
  readonly alias: Alias | undefined;
  /** Absent behind `!`. */
  readonly command: SimpleCommand | undefined;
  /** The text for /bin/sh behind `|` or `!`. */
  readonly shell: string | undefined;
}

export interface Alias {
  readonly name: string;
  readonly text: string;
}

export interface SimpleCommand {
  readonly words: readonly WordToken[];
  readonly redirects: readonly Redirect[];
}

export interface Redirect extends Pick<RedirectToken, "from" | "mode" | "to"> {
  /** The file; absent where a descriptor is duplicated. */
  readonly target: WordToken | undefined;
}

/** Another line is needed. */
export interface Incomplete {
  readonly kind: "incomplete";
  readonly open: Open;
  readonly at: number;
}

/** A text that no further line makes right. */
export interface Malformed extends Mistake {
  readonly kind: "malformed";
}
