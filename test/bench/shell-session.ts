/** One `crish repl` that is given a command at a time: what the runtime takes, without crish's start. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ShellSession {
  /** Runs a command that prints one line, and resolves to that line. */
  run(...words: readonly string[]): Promise<{ ms: number; stdout: string }>;
  /** Ends the session; rejects where a command of it had failed. */
  close(): Promise<void>;
}

export function openShellSession(crish: string, env: NodeJS.ProcessEnv): ShellSession {
  const child = spawn(crish, ["repl"], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(...words) {
      const startedAt = process.hrtime.bigint();
      child.stdin.write(`${words.join(" ")}\n`);
      const line = await lines.next();
      const ms = Number(process.hrtime.bigint() - startedAt) / 1e6;
      if (line.done === true) throw new Error(`the shell ended at: ${words.join(" ")}`);
      return { ms, stdout: line.value };
    },
    async close() {
      const closed = once(child, "close");
      child.stdin.end();
      const [code] = await closed;
      if (code !== 0) throw new Error(`the shell ended with ${code}`);
    },
  };
}
