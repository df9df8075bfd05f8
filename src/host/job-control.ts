/** Stopping and going on, as a shell's jobs do. */
export interface JobControl {
  /** Whether a shell waits for this process's job, so that it could continue it. */
  canStop(): boolean;
  /** Stops the job as Ctrl-Z does; returns when it goes on. */
  stop(): void;
  /** Calls the listener whenever the process goes on, until the returned function is called. */
  onContinue(listener: () => void): () => void;
  /**
   * Asks for the size of the terminal anew: while a job is stopped nobody tells it of a change.
   * Resolves when streams of the terminal know it.
   */
  refreshSize(): Promise<void>;
}

/** That of this process. */
export const processJob: JobControl = {
  canStop: () => isAwaited() && !ignoresStop(),
  stop() {
    // 0 is the whole job: a wrapper that started us stops with us.
    process.kill(0, "SIGTSTP");
  },
  onContinue(listener) {
    process.on("SIGCONT", listener);
    return () => void process.off("SIGCONT", listener);
  },
  async refreshSize() {
    const asked = new Promise<void>((resolve) => process.once("SIGWINCH", () => resolve()));
    process.kill(process.pid, "SIGWINCH");
    const { setImmediate } = await import("node:timers/promises");
    await asked;
    // Those who follow the size are told in this turn, and go on in the next.
    await setImmediate();
  },
};

const SIGTSTP = 20;

interface JobFields {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/**
 * A process of the same session but of another group is the parent of one of the job's members: in
 * POSIX's words, the group is not orphaned.
 */
function isAwaited(): boolean {
  const self = jobFieldsOf("self");
  if (self === undefined) return false;
  for (let member = self; ; ) {
    const parent = jobFieldsOf(String(member.parent));
    if (parent === undefined || parent.session !== self.session) return false;
    if (parent.group !== self.group) return true;
    member = parent;
  }
}

/** Fields 4 to 6 of proc_pid_stat(5). The name in field 2 may hold spaces and parentheses. */
function jobFieldsOf(process: string): JobFields | undefined {
  try {
    const text = readProc(`${process}/stat`);
    const [, parent, group, session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(parent), group: Number(group), session: Number(session) };
  } catch {
    return undefined;
  }
}

function ignoresStop(): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readProc("self/status"))?.[1];
  return ((BigInt(`0x${mask ?? "0"}`) >> BigInt(SIGTSTP - 1)) & 1n) === 1n;
}

/** With node:fs loaded here: this file belongs to the start of every command, which does without it. */
function readProc(name: string): string {
  return process.getBuiltinModule("node:fs").readFileSync(`/proc/${name}`, "latin1");
}
