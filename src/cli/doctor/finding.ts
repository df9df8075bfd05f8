/**
 * `crish doctor`: checks of the node, each in a file of its own, run all at once. A check looks and
 * tells findings; it changes nothing, makes no directory and needs no right that it could do without:
 * what it could not see it tells as such.
 */
import type { Settings } from "../../config/settings.ts";
import type { ProcessResult } from "../../host/run-process.ts";
import type { NodeInspector } from "../../runtime/index.ts";
import type { SocketAnswer } from "./probe-socket.ts";

export interface Check {
  /** One word, stable: the name on the command line and in JSON. */
  readonly id: string;
  readonly title: string;
  /** Only the embedded runtime needs it: on a node that uses another runtime a fault is a warning. */
  readonly embedded: boolean;
  /** What it throws becomes a finding as well. The signal ends it when its time is over. */
  run(doctor: Doctor, signal: AbortSignal): Promise<readonly Finding[]>;
}

export interface Finding {
  /** Stable: `programs.conmon`. */
  readonly id: string;
  readonly level: Level;
  readonly text: string;
  /** What an operator does about it: commands, or what to change where. */
  readonly fix?: string;
}

/** `unchecked`: it could not be seen, mostly for want of rights. */
export type Level = "ok" | "warn" | "fail" | "unchecked";

/** What checks have at hand. */
export interface Doctor {
  readonly node: NodeInspector;
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The global flags as given: settings may have failed to load with them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly isRoot: boolean;
  /** Registries that were asked for by name; empty for those of the configuration. */
  readonly registries: readonly string[];
  /** What answers on the sockets; asked once, however many want to know. */
  sockets(): Promise<readonly SocketAnswer[]>;
  /** Runs a program for a few seconds at most. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<ProcessResult>;
}

interface RunOptions {
  readonly signal: AbortSignal;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function ok(id: string, text: string): Finding {
  return { id, level: "ok", text };
}

export function warn(id: string, text: string, fix?: string): Finding {
  return { id, level: "warn", text, ...(fix === undefined ? {} : { fix }) };
}

export function fail(id: string, text: string, fix?: string): Finding {
  return { id, level: "fail", text, ...(fix === undefined ? {} : { fix }) };
}

export function unchecked(id: string, text: string, fix?: string): Finding {
  return { id, level: "unchecked", text, ...(fix === undefined ? {} : { fix }) };
}
