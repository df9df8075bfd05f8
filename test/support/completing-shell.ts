import type { Cleanup } from "./cleanup.ts";
import type { CompletionPlace, ShellName } from "./completion-place.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** An interactive shell on a real terminal with crish's completion in it. */
export interface CompletingShell {
  readonly terminal: Terminal;
  /**
   * Types the line and presses Tab until the screen's last lines fit: one Tab completes, a second
   * one lists. The line is typed anew while the runtime has not answered in time.
   */
  completes(line: string, pattern: RegExp, tabs?: number): Promise<void>;
}

/** `setup` are the lines by which the script gets into the shell. */
export async function openCompletingShell(
  cleanup: Cleanup,
  { shell, place, setup }: { shell: ShellName; place: CompletionPlace; setup: readonly string[] },
): Promise<CompletingShell> {
  const terminal = await openTerminal(cleanup, place.env);
  await terminal.enter(`cd ${place.directory}; ${COMMANDS[shell]}`);
  if (shell === "fish") await terminal.enter("function fish_prompt; echo -n '$ '; end");
  for (const line of setup) await terminal.enter(line);
  await terminal.enter("echo 'is 'ready");
  await terminal.waitFor(/^is ready$/m, 60_000);
  return {
    terminal,
    async completes(line, pattern, tabs = 1) {
      for (let attempt = 1; ; attempt++) {
        // Not Ctrl-C: it could meet bash while it completes.
        await terminal.press("C-e", "C-u");
        await terminal.clear();
        await terminal.type(line);
        for (let tab = 0; tab < tabs; tab++) await terminal.press("Tab");
        try {
          await terminal.waitFor(pattern, 3000);
          return;
        } catch (error) {
          if (attempt === 6) throw error;
        }
      }
    },
  };
}

const COMMANDS: Readonly<Record<ShellName, string>> = {
  bash: "exec bash --norc --noprofile -i",
  zsh: "exec zsh -f -i",
  // Without its own configuration fish knows no completions; HOME holds none of a user.
  fish: "exec fish",
};
