import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { crishCommand, crishEnvironment } from "./crish.ts";
import { run } from "./run.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

export type ShellName = "bash" | "zsh" | "fish";

/** A directory with `crish` as a program on its PATH and the scripts of the three shells. */
export interface CompletionPlace {
  readonly directory: string;
  /** The environment in which shells find crish. */
  readonly env: Readonly<Record<string, string>>;
  scriptOf(shell: ShellName): string;
  /**
   * Asks the hidden entry until the answer fits: within its 80 ms a loaded machine may know nothing
   * of the runtime yet. Returns the lines of the last answer.
   */
  answer(
    question: readonly string[],
    fits: (lines: readonly string[]) => boolean,
    env?: Readonly<Record<string, string>>,
  ): Promise<readonly string[]>;
}

export async function createCompletionPlace(
  cleanup: Cleanup,
  targetEnv: Readonly<Record<string, string>>,
): Promise<CompletionPlace> {
  const directory = await temporaryDirectory(cleanup, "completion");
  const { command, args } = crishCommand();
  const bin = join(directory, "bin");
  await mkdir(bin);
  const program = join(bin, "crish");
  const words = [command, ...args].map((word) => `'${word}'`).join(" ");
  await writeFile(program, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  const base = crishEnvironment({
    // fish puts its sockets into the second.
    ...{ HOME: directory, XDG_RUNTIME_DIR: directory, TERM: "screen" },
    ...targetEnv,
  });
  const env = { ...base, PATH: `${bin}:${base.PATH}` } as Record<string, string>;
  const scriptOf = (shell: ShellName) => join(directory, `crish.${shell}`);
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const { status, stdout, stderr } = await run(program, ["completion", shell], { env });
    if (status !== 0) throw new Error(`completion ${shell}: ${stderr}`);
    await writeFile(scriptOf(shell), stdout);
  }
  return {
    directory,
    env,
    scriptOf,
    async answer(question, fits, more = {}) {
      let lines: readonly string[] = [];
      await waitUntil(`an answer to ${question.join(" ")}`, async () => {
        const { status, stdout, stderr } = await run(
          program,
          ["internal", "complete", ...question],
          { env: { ...env, ...more }, cwd: directory },
        );
        if (status !== 0 || stderr !== "") throw new Error(`status ${status}: ${stderr}`);
        lines = stdout.split("\n").slice(0, -1);
        return fits(lines);
      }).catch((cause: unknown) => {
        throw new Error(`the last answer was ${JSON.stringify(lines)}`, { cause });
      });
      return lines;
    },
  };
}
