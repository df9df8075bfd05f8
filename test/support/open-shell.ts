import type { Cleanup } from "./cleanup.ts";
import type { CliTarget } from "./cli-target.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

export interface OpenShell {
  readonly terminal: Terminal;
  /** Types a line, and waits until its output matches and the prompt is there again. */
  run(line: string, output: RegExp, at?: PromptFacts): Promise<void>;
  /** Waits for the prompt at the end of the screen. */
  prompt(at?: PromptFacts): Promise<void>;
}

export interface PromptFacts {
  /** What is in use, as `default/web/nginx`. */
  readonly context?: string;
  readonly status?: number;
  /** The name of the backend, where it is not the target's. */
  readonly name?: string;
}

/** crish's shell on a terminal, in front of the target. */
export async function openShell(cleanup: Cleanup, target: CliTarget): Promise<OpenShell> {
  const terminal = await openTerminal(cleanup, shellEnvironment(target));
  const promptAtEnd = ({ context, status = 0, name = target.name }: PromptFacts = {}) => {
    const parts = [`crish ${name}`, context ?? [], status === 0 ? [] : `[${status}]`].flat();
    return `^${parts.join(" ").replaceAll(/[[\]()]/g, "\\$&")}>$(?![\\s\\S]*\\S)`;
  };
  const shell: OpenShell = {
    terminal,
    prompt: (at) => terminal.waitFor(new RegExp(promptAtEnd(at), "m")),
    async run(line, output, at) {
      await terminal.clear();
      await terminal.enter(line);
      await terminal.waitFor(new RegExp(`(?:${output.source})[\\s\\S]*${promptAtEnd(at)}`, "m"));
    },
  };
  await terminal.enter("crish");
  await shell.prompt();
  return shell;
}

/** The environment in which `crish` on a terminal means the target. */
export function shellEnvironment(target: CliTarget): Readonly<Record<string, string>> {
  const embedded = { CONTAINER_RUNTIME_ENDPOINT: "embedded:" };
  const endpoint = target.name === "embedded" ? embedded : {};
  return { ...target.env, ...endpoint, XDG_STATE_HOME: target.directory };
}
