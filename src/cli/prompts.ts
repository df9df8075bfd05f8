import type { Interface, Key } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { StatusError } from "../errors/status-error.ts";
import { processJob } from "../host/job-control.ts";
import type { PickRequest } from "./pick-request.ts";

export interface PromptPlace {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/** Asks yes or no, no being the default. Throws Cancelled on Ctrl-C and Ctrl-D. */
export async function askConfirmation(question: string, place: PromptPlace): Promise<boolean> {
  const { confirm } = await import("@inquirer/prompts");
  const theme = await redrawnTheme(place);
  return await asked(place, (live) => confirm({ message: question, default: false, theme }, live));
}

/** The same on a terminal that cannot be written over: a line is asked for, and a line is read. */
export async function askPlainly(question: string, place: PromptPlace): Promise<boolean> {
  const { createInterface } = process.getBuiltinModule("node:readline");
  const { input, output, signal } = place;
  output.write(`${question} (y/N) `);
  const lines = createInterface({ input, terminal: false, signal });
  try {
    const answer = await new Promise<string | undefined>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(undefined));
    });
    if (answer === undefined) output.write("\n");
    if (signal.aborted) throw new StatusError("Cancelled", "interrupted");
    return /^y(es)?$/i.test(answer?.trim() ?? "");
  } finally {
    lines.close();
  }
}

/** Asks for a line of text. Throws Cancelled on Ctrl-C and Ctrl-D. */
export async function askLine(question: string, place: PromptPlace): Promise<string> {
  const { input } = await import("@inquirer/prompts");
  const theme = await redrawnTheme(place);
  return await asked(place, (live) => input({ message: question, theme }, live));
}

/** Asks for a secret without echo. Throws Cancelled on Ctrl-C and Ctrl-D. */
export async function askPassword(question: string, place: PromptPlace): Promise<string> {
  const { password } = await import("@inquirer/prompts");
  const theme = await redrawnTheme(place);
  return await asked(place, (live) =>
    password({ message: question, mask: false, toggleMask: false, theme }, live),
  );
}

/** Has one or several of the choices chosen. Throws Cancelled on Ctrl-C, Ctrl-D and Esc. */
export async function askChoice(
  request: PickRequest,
  place: PromptPlace & { columns(): number | undefined },
): Promise<readonly string[]> {
  const { choose } = await import("./choose-prompt.ts");
  const chosen = await asked(place, (live) => choose(request, { ...place, ...live }));
  if (chosen === undefined) throw new StatusError("Cancelled", "interrupted");
  return chosen;
}

/** That an answer is neither yes nor no, say. */
const ROWS_BELOW = 1;

/** The library's own prompts call their theme in every draw, where hooks are allowed. */
async function redrawnTheme({ output }: PromptPlace) {
  const core = await import("@inquirer/core");
  const { useRedraw } = await import("./redraw-prompt.ts");
  const { message } = core.makeTheme().style;
  const style = {
    message(text: string, status: string) {
      useRedraw(core, { output, rowsBelow: () => ROWS_BELOW });
      return message(text, status);
    },
  };
  return { style };
}

/** A lone Esc counts after this long, where readline would wait for half a second. */
const ESCAPE_MS = 50;

/** Only before the first interface on a stream: that one's wait holds for all. */
function hastenEscape(input: Readable): void {
  const { emitKeypressEvents } = process.getBuiltinModule("node:readline");
  // It asks its interface for this alone: https://nodejs.org/api/readline.html
  emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
}

/** Esc and then one of these within `ESCAPE_MS` is one key to readline, with a sequence and no name. */
const CONTROLS_AFTER_ESCAPE: Readonly<Record<string, string>> = {
  "\x1b\x03": "c",
  "\x1b\x1a": "z",
};

/**
 * Ctrl-C and Ctrl-Z are meant behind an Esc as well. Ctrl-Z stops the process here, instead of in
 * readline: that pauses its input when the process goes on, so that no key would ever come. Returns
 * what leaves the keys to readline again.
 */
function takeControlKeys(input: Readable): () => void {
  const onKey = (_text: string | undefined, key: Key) => {
    // All who see the key after this listener see what is changed here.
    const name = CONTROLS_AFTER_ESCAPE[key.sequence ?? ""];
    if (name !== undefined) Object.assign(key, { name, ctrl: true, meta: false });
    if (key.ctrl !== true || key.name !== "z") return;
    key.name = "";
    if (processJob.canStop()) processJob.stop();
  };
  input.prependListener("keypress", onKey);
  return () => void input.off("keypress", onKey);
}

async function asked<T>(place: PromptPlace, ask: (place: PromptPlace) => Promise<T>): Promise<T> {
  const { input } = place;
  const ended = new AbortController();
  // Ctrl-D in an empty line, or the end of the input: readline closes then, which pauses its input,
  // and the library would wait for ever.
  const onPause = () => ended.abort();
  const leaveControlKeys = takeControlKeys(input);
  try {
    hastenEscape(input);
    input.on("pause", onPause);
    return await ask({ ...place, signal: AbortSignal.any([place.signal, ended.signal]) });
  } catch {
    // Ctrl-C at the prompt, its end, or the command's signal: the library tells nothing more.
    throw new StatusError("Cancelled", "interrupted");
  } finally {
    input.off("pause", onPause);
    leaveControlKeys();
  }
}
