/**
 * `crish bundle`: what a report of a fault needs, in one archive. Parts are collected one beside the
 * other, each within its time; what fails is noted inside and stops nothing. Everything passes the
 * redactor, which takes secrets out. Nothing of the node changes.
 */
import type { NodeInspector } from "../../runtime/index.ts";
import type { Context } from "../context.ts";
import type { Redactor } from "./redactor.ts";

/** A part of the bundle. */
export interface Part {
  readonly name: string;
  readonly collect: (collection: Collection) => Promise<void>;
}

/** What a part works with, and where it puts what it has found. */
export interface Collection {
  readonly context: Context;
  readonly node: NodeInspector;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** Lines of each container's log; 0 for none. */
  readonly logLines: number;
  /** Plain data, redacted and written as JSON. */
  addData(name: string, value: unknown): void;
  /** Text, redacted line by line as far as its secrets can be told. */
  addText(name: string, text: string): void;
  /** Notes what could not be collected. */
  note(what: string, error: unknown): void;
}
