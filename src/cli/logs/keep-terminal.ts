import type { OutputStream } from "../context.ts";
import type { LogOutput, LogOutputs } from "./output-buffers.ts";

/**
 * The outputs of a log that is followed on a terminal. What containers write may change the terminal's
 * modes (colours, a hidden cursor, the alternate screen), and Ctrl-C comes at any place of it:
 * `restore` takes back what was changed, and writes nothing where nothing was.
 */
export function keepTerminal(
  outputs: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  { isFollowed }: { readonly isFollowed: boolean },
): { readonly outputs: LogOutputs; restore(): Promise<void> } {
  const { stdout, stderr } = outputs;
  if (!isFollowed) return { outputs, restore: async () => {} };
  const traced = [stdout, stderr].filter(({ isTty }) => isTty);
  const trace = createTerminalTrace();
  const watch = (stream: OutputStream): LogOutput =>
    stream.isTty
      ? {
          fd: stream.fd,
          color: stream.color,
          async write(chunk) {
            trace.see(chunk);
            await stream.write(chunk);
          },
        }
      : stream;
  return {
    outputs:
      stdout === stderr ? both(watch(stdout)) : { stdout: watch(stdout), stderr: watch(stderr) },
    async restore() {
      await traced[0]?.write(trace.undo());
    },
  };
}

function both(output: LogOutput): LogOutputs {
  return { stdout: output, stderr: output };
}

interface TerminalTrace {
  see(chunk: string | Uint8Array): void;
  /** What brings the terminal back to how it was; empty where nothing was changed. */
  undo(): string;
}

const ESCAPE = 27;
const SHIFT_OUT = 14;
/** Private modes that are on where nobody has changed them: wrapping, and the cursor. */
const ON_BY_DEFAULT = new Set(["7", "25"]);
const ESC = String.fromCharCode(ESCAPE);
/** DEC's private modes, colours, the scrolling region; or one that the end of the text cuts off. */
const SEQUENCE = new RegExp(
  String.raw`${ESC}\[(?:\?([\d;]{1,32})([hl])|([\d;:]{0,64})m|\d{1,6};\d{1,6}(r)|[?\d;:]{0,64}$)|${ESC}$`,
  "g",
);

export function createTerminalTrace(): TerminalTrace {
  const changed = new Set<string>();
  let isColored = false;
  let isShifted = false;
  let hasRegion = false;
  let cutOff = "";
  return {
    see(chunk) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      isShifted ||= bytes.includes(SHIFT_OUT);
      if (cutOff === "" && !bytes.includes(ESCAPE)) return;
      const text =
        cutOff + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
      cutOff = "";
      for (const [sequence, modes, direction, color, region] of text.matchAll(SEQUENCE)) {
        if (color !== undefined) isColored = color !== "" && color !== "0";
        else if (region !== undefined) hasRegion = true;
        else if (modes === undefined) cutOff = sequence;
        else {
          for (const mode of modes.split(";")) {
            const isDefault = (direction === "h") === ON_BY_DEFAULT.has(mode);
            if (isDefault) changed.delete(mode);
            else changed.add(mode);
          }
        }
      }
    },
    undo() {
      const modes = [...changed].map(
        (mode) => `\x1b[?${mode}${ON_BY_DEFAULT.has(mode) ? "h" : "l"}`,
      );
      return [
        isShifted ? "\x0f" : "",
        hasRegion ? "\x1b[r" : "",
        ...modes,
        isColored ? "\x1b[0m" : "",
      ].join("");
    },
  };
}
