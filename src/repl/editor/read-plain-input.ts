import type { Session } from "../../cli/context.ts";
import type { EditedInput } from "./edited-input.ts";
import { giveBack } from "./give-back.ts";
import type { InputOptions } from "./input-options.ts";
import { promptCells } from "./prompt-cells.ts";

const NEWLINE = 10;

type PlainOptions = Pick<
  InputOptions,
  "session" | "prompt" | "continuationPrompt" | "isComplete" | "isAfterInterrupt"
> & {
  readonly signal: AbortSignal;
};

/**
 * Reads an input where nothing can be redrawn: the terminal itself edits its line, as it does for
 * any program, and what follows the input stays with stdin.
 */
export async function readPlainInput(options: PlainOptions): Promise<EditedInput> {
  let text = "";
  let prompt = options.prompt;
  // Behind the `^C` of the terminal.
  if (options.isAfterInterrupt === true) await options.session.stdout.write("\n");
  for (;;) {
    await options.session.stdout.write(withoutStyle(prompt));
    const line = await readLine(options.session, options.signal);
    if (line.kind === "line") text += line.text;
    if (line.kind === "interrupt") await options.session.stdout.write("\n");
    if (line.kind === "interrupt") return { kind: "interrupt", wasEmpty: text === "" };
    if (line.kind === "end" && text === "") await options.session.stdout.write("\n");
    if (line.kind === "end" && text === "") return line;
    if (line.kind === "end" || options.isComplete(text)) return { kind: "line", text };
    text += "\n";
    prompt = options.continuationPrompt;
  }
}

function withoutStyle(prompt: string): string {
  return promptCells(prompt)
    .map((line) => line.map((cell) => cell.text).join(""))
    .join("\n");
}

async function readLine(session: Session, signal: AbortSignal): Promise<EditedInput> {
  const stdin = session.stdin.stream();
  const { promise, resolve } = Promise.withResolvers<EditedInput>();
  const chunks: Buffer[] = [];
  const textSoFar = () => Buffer.concat(chunks).toString("utf8");
  const rest: Buffer[] = [];
  let isDone = false;
  const onData = (data: Buffer | string) => {
    const chunk = Buffer.from(data as Buffer);
    const newline = isDone ? -1 : chunk.indexOf(NEWLINE);
    const end = newline < 0 ? chunk.length : newline;
    (isDone ? rest : chunks).push(chunk.subarray(0, end));
    if (newline < 0) return;
    isDone = true;
    rest.push(chunk.subarray(newline + 1));
    resolve({ kind: "line", text: textSoFar() });
  };
  const onEnd = () => {
    const text = textSoFar();
    resolve(text === "" ? { kind: "end" } : { kind: "line", text });
  };
  const onAbort = () => resolve({ kind: "end" });
  const release = session.takeInterrupts(() => {
    resolve({ kind: "interrupt", wasEmpty: chunks.length === 0 });
    return true;
  });
  try {
    signal.addEventListener("abort", onAbort);
    stdin.on("end", onEnd);
    stdin.on("error", onAbort);
    stdin.on("data", onData);
    stdin.resume();
    return await promise;
  } finally {
    release();
    signal.removeEventListener("abort", onAbort);
    stdin.off("data", onData);
    stdin.off("end", onEnd);
    stdin.off("error", onAbort);
    stdin.pause();
    giveBack(stdin, Buffer.concat(rest));
  }
}
