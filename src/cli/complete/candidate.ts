import type { Completion } from "../command.ts";

/** What the current word can become. */
export interface Candidate {
  readonly text: string;
  /** What a menu says beside it: a meaning, a state, a pod. */
  readonly note?: string;
  /** More can follow without a blank: a directory, a flag with its `=`. */
  readonly isPartial?: boolean;
}

/** A value that is wanted at the place of the current word. */
export interface WantedValue {
  readonly kind: Completion;
  /** What was typed of it. */
  readonly prefix: string;
  /** Values of the same argument or flag that the line has already. */
  readonly given: readonly string[];
  /** The argument before this one, where that is another: what cp copies, for where to. */
  readonly before?: string | undefined;
  /** States of objects that count; see CommandSpec.objectStates. */
  readonly states?: readonly string[] | undefined;
  /** The container whose paths are meant, as typed, or the context's. */
  readonly container?: string | undefined;
  /** The container of a shell's context: it is meant where the word above names none for certain. */
  readonly contextContainer?: string | undefined;
  /** The pod of a shell's context, as `default/web`: its only container that runs is meant so. */
  readonly contextPod?: string | undefined;
  /** Of paths, a container's or this host's: the word is a program, and may be found on the PATH. */
  readonly isProgram?: boolean;
  /** What stands before the value in the same word: `--config=`. */
  readonly attachedTo?: string | undefined;
}

/**
 * Where values come from. Never rejects, and never waits longer than its owner has patience; what
 * it returns may have other beginnings than the prefix, which the engine leaves out.
 */
export type CandidateSource = (wanted: WantedValue) => Promise<readonly Candidate[]>;
