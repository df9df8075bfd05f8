import { readdirSync, readFileSync } from "node:fs";

/** Kills the shims and OCI runtimes that have the word among their arguments, whoever started them. */
export function killByArgument(word: string): void {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const argv = readArguments(name);
    const program = argv[0]?.split("/").at(-1) ?? "";
    if (argv.includes(word) && /^(conmon|runc|crun|youki)/.test(program)) tryKill(Number(name));
  }
}

function readArguments(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone meanwhile.
  }
}
