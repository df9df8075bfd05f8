import type { Session } from "../../cli/context.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { History } from "../history.ts";
import { TerminalEditing } from "./edit-on-terminal.ts";
import type { EditedInput } from "./edited-input.ts";
import type { ScreenSize } from "./frame.ts";
import type { InputOptions } from "./input-options.ts";
import { KillRing } from "./kill-ring.ts";
import { LineEditing } from "./line-editing.ts";
import { readPlainInput } from "./read-plain-input.ts";

/** What a shell keeps between its inputs: killed text, what was searched, the input edited now. */
export interface Editor {
  /**
   * Reads one input. The terminal is in raw mode only meanwhile and is restored whatever happens.
   * What was typed or pasted beyond the input goes back to stdin: to the next input, or to the
   * command that reads it. Never rejects for what a terminal does.
   */
  readInput(options: Omit<InputOptions, "session">): Promise<EditedInput>;
  /**
   * Reads a text of several lines that Ctrl-D ends, lines of any length. Rejects with Cancelled at
   * Ctrl-C and at the session's end. `session` is that of the command which asks.
   */
  readDocument(session: Session, prompt: string): Promise<string>;
  /** Prints lines above the prompt without disturbing what is typed; without a prompt, at once. */
  printAbove(text: string): Promise<void>;
}

export function createEditor(session: Session): Editor {
  const kept = { killRing: new KillRing(), lastSearch: { query: "" } };
  let active: TerminalEditing | undefined;
  const edit = async (terminal: TerminalEditing) => {
    active = terminal;
    try {
      return await terminal.run();
    } finally {
      active = undefined;
    }
  };
  return {
    async readInput(asked) {
      const options = { ...asked, ...surviving(asked) };
      const signal = anyOf(session.signal, options.signal);
      if (signal.aborted) return { kind: "end" };
      options.history.refresh();
      if (!canEdit(session)) {
        options.onTaken?.();
        return await readPlainInput({ ...options, session, signal });
      }
      const size = await sizeOf(session);
      const colors = session.stdout.color;
      const editing = new LineEditing({ ...options, ...kept, colors });
      const end = await edit(new TerminalEditing({ ...options, session, editing, size, signal }));
      const { text } = editing.buffer;
      if (end === "submit") return { kind: "line", text };
      return end === "interrupt" ? { kind: "interrupt", wasEmpty: text === "" } : { kind: "end" };
    },
    async readDocument(own, prompt) {
      own.signal.throwIfAborted();
      if (!canEdit(own)) {
        if (own.stdin.isTty) await own.stderr.write(prompt);
        return await readToEnd(own);
      }
      const editing = new LineEditing({ ...DOCUMENT, ...kept, prompt });
      const size = await sizeOf(own);
      const terminal = new TerminalEditing({ session: own, editing, size, signal: own.signal });
      const end = await edit(terminal);
      own.signal.throwIfAborted();
      if (end === "end") return editing.buffer.text;
      throw new StatusError("Cancelled", "interrupted");
    },
    async printAbove(text) {
      if (active !== undefined) await active.printAbove(text);
      else await session.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
  };
}

type LanguageQuestion = "highlight" | "isComplete" | "lastWord" | "complete";

/** What the language is asked must never cost the line that is typed, nor the shell. */
function surviving({
  highlight,
  isComplete,
  lastWord,
  complete,
}: Omit<InputOptions, "session">): Pick<InputOptions, LanguageQuestion> {
  return {
    highlight: (text) => orElse(() => highlight(text), []),
    // It is the command's part then to say what is wrong with it.
    isComplete: (text) => orElse(() => isComplete(text), true),
    lastWord: (line) => orElse(() => lastWord(line), ""),
    complete: async (text, cursor) => await complete(text, cursor),
  };
}

function orElse<Value>(ask: () => Value, fallback: Value): Value {
  try {
    return ask();
  } catch {
    return fallback;
  }
}

const NO_HISTORY: History = { lines: [], add: async () => {}, refresh() {} };

/** A document is edited as an input is, but it has no past, no meaning, and Enter never ends it. */
const DOCUMENT = {
  continuationPrompt: "",
  history: NO_HISTORY,
  colors: false,
  isDocument: true,
  highlight: () => [],
  isComplete: () => false,
  lastWord: () => "",
} as const;

function canEdit(session: Session): boolean {
  return session.stdin.isTty && session.stdout.canRedraw;
}

function anyOf(signal: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? signal : AbortSignal.any([signal, other]);
}

async function sizeOf(session: Session): Promise<ScreenSize> {
  const onlyFirst = new AbortController();
  for await (const size of session.stdout.sizes(onlyFirst.signal)) {
    if (size.columns > 0 && size.rows > 0) return size;
    break;
  }
  return { columns: session.stdout.columns() ?? 80, rows: 24 };
}

async function readToEnd(session: Session): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of session.stdin.stream()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
