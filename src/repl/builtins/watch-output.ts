import type { Session } from "../../cli/context.ts";
import { openLiveScreen } from "../../cli/live-screen.ts";
import { EXIT } from "../../errors/exit-code.ts";
import { sleep } from "../../host/sleep.ts";
import { escapeControl } from "../../output/escape-control.ts";
import { emptyInput } from "../empty-input.ts";
import { createCapturedOutput } from "../language/captured-output.ts";
import type { Shell } from "../shell.ts";
import { runRest } from "./run-rest.ts";

export interface Watch {
  readonly words: readonly string[];
  readonly title: string;
  readonly intervalMs: number;
  readonly shell: Shell;
  readonly session: Session;
}

/** Shows each run in place of the one before, until the signal aborts. */
export async function watchOnTerminal(watch: Watch): Promise<void> {
  const { title, intervalMs, shell, session } = watch;
  const { signal, stdout } = session;
  const screen = await openLiveScreen(stdout, signal);
  try {
    while (!signal.aborted && !shell.leaving) {
      // A command that does not end at Ctrl-C must not keep the screen.
      const shown = await Promise.race([runOnce(watch), aborted(signal)]);
      if (shown === undefined) break;
      await screen.show(withTitle(title, shown));
      await screen.pause(intervalMs);
    }
  } finally {
    await screen.close();
  }
}

function withTitle(title: string, { text, status }: Shown): string {
  const mark = status === EXIT.success ? "" : `   [${status}]`;
  const at = new Date().toTimeString().slice(0, 8);
  return `${escapeControl(title)}   ${at}${mark}\n\n${text}`;
}

/** Writes each run behind the one before. */
export async function watchOnPipe(watch: Watch): Promise<void> {
  const { words, intervalMs, shell, session } = watch;
  const { signal, stdout } = session;
  for (let isFirst = true; !signal.aborted && !shell.leaving; isFirst = false) {
    if (!isFirst) await stdout.write("\n");
    await runRest(words, { ...session, stdin: emptyInput() }, shell);
    // Its rejection is the end of the loop.
    await sleep(intervalMs, { signal }).catch(() => {});
  }
}

interface Shown {
  readonly text: string;
  readonly status: number;
}

async function runOnce({ words, shell, session }: Watch): Promise<Shown> {
  const { isTty, color } = session.stdout;
  const columns = () => session.stdout.columns();
  const captured = createCapturedOutput({ isTty, color, columns });
  const status = await runRest(
    words,
    { ...session, stdin: emptyInput(), stdout: captured.output, stderr: captured.output },
    shell,
  );
  return { text: captured.text(), status };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
