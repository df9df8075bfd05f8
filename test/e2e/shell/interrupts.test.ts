import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { crishCommand } from "../../support/crish.ts";
import { type OpenShell, openShell, shellEnvironment } from "../../support/open-shell.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { openTerminal, type Terminal } from "../../support/terminal.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** Where crish waits when a signal comes. */
interface Place {
  readonly name: string;
  readonly words: string;
  /** A line for the shell. */
  readonly typed?: string;
  /** Shows that it waits there. */
  readonly ready: RegExp;
  /** How a user ends it; what is typed must still arrive. */
  leave(terminal: Terminal): Promise<void>;
}

const leaveProgram = async (terminal: Terminal) => {
  await terminal.enter("echo a$((1+1))b; exit");
  await terminal.waitFor(/^a2b$/m);
};
const leaveShell = async (terminal: Terminal) => {
  await terminal.waitFor(/crish \w+( \[\d+\])?>$/);
  await terminal.enter("exit 0");
};
const interrupt = async (terminal: Terminal) => await terminal.press("C-c");

/**
 * Runs each line it is given. The shell's own prompt asks the terminal where its cursor is: an answer
 * that comes when crish is stopped already is typed into whatever reads then.
 */
const ASKS = `exec -it one sh -c 'printf "# "; while read -r x; do eval "$x"; printf "# "; done'`;

const PLACES: readonly Place[] = [
  {
    name: "at the prompt",
    words: "",
    ready: /crish \w+>$/,
    leave: leaveShell,
  },
  { name: "in exec -it", words: ASKS, ready: /#$/, leave: leaveProgram },
  {
    name: "in a picker",
    words: "logs",
    ready: /logs: which container\?[\s\S]*one/,
    leave: interrupt,
  },
  {
    name: "at a question",
    words: "rm -f one two",
    ready: /Remove these 2 containers\?/,
    leave: interrupt,
  },
  { name: "in logs -f", words: "logs -f one", ready: /^of-one$/m, leave: interrupt },
  {
    name: "in watch",
    words: "",
    typed: "watch 2s ps -q",
    ready: /[0-9a-f]{64}/,
    async leave(terminal) {
      await terminal.press("C-c");
      await leaveShell(terminal);
    },
  },
  {
    // Two that guard against a stop, and one fg that goes on.
    name: "in watch of exec",
    words: "",
    typed: "watch 100ms exec one sleep 1",
    ready: /^every 100ms/m,
    async leave(terminal) {
      await terminal.press("C-c");
      await leaveShell(terminal);
    },
  },
  {
    name: "in exec -it of the shell",
    words: "",
    typed: ASKS,
    ready: /#$/,
    async leave(terminal) {
      await leaveProgram(terminal);
      await leaveShell(terminal);
    },
  },
];

interface Job {
  readonly terminal: Terminal;
  readonly pid: number;
}

/** Runs crish as a job of the terminal's shell; its end is followed by the terminal's mode. */
async function startJob(cleanup: Cleanup, target: CliTarget, words: string): Promise<Job> {
  const directory = await temporaryDirectory(cleanup, "job");
  const { command, args } = crishCommand();
  const script = `
mode=$(stty -g)
same() { test "$(stty -g)" = "$mode" && echo same mode || stty -a; }
job() {
  (echo $BASHPID > ${directory}/pid; exec ${[command, ...args].join(" ")} "$@")
  echo "status $?"; same
}
`;
  await writeFile(join(directory, "script"), script);
  const terminal = await openTerminal(cleanup, shellEnvironment(target));
  await terminal.enter(`. ${directory}/script`);
  await terminal.enter(`job ${words}`);
  let pid = Number.NaN;
  await waitUntil("crish has a process ID", async () => {
    pid = Number(await readFile(join(directory, "pid"), "utf8").catch(() => ""));
    return pid > 0;
  });
  return { terminal, pid };
}

describeInterrupts("embedded", embeddedCli);
describeInterrupts("containerd", containerdCli);

function describeInterrupts(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`interrupts, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;

    before(async () => {
      target = await open(cleanup);
      for (const each of ["one", "two"]) {
        await target.runDetached(each, ["sh", "-c", `echo of-${each}; sleep 100000`]);
      }
    });

    const bring = async (place: Place): Promise<Job> => {
      const job = await startJob(cleanup, target, place.words);
      if (place.typed !== undefined) {
        await job.terminal.waitFor(/crish \w+>$/);
        await job.terminal.clear();
        await job.terminal.enter(place.typed);
      }
      await job.terminal.waitFor(place.ready);
      return job;
    };

    for (const place of PLACES) {
      it(`TERM ${place.name} ends crish and puts the terminal back`, async () => {
        const { terminal, pid } = await bring(place);
        process.kill(pid, "SIGTERM");
        await terminal.waitFor(/status (130|143|0)\nsame mode/);
      });
    }

    for (const place of PLACES) {
      for (const whom of ["crish", "its job"]) {
        it(`TSTP to ${whom} ${place.name} stops it with the terminal as it was; fg goes on`, async () => {
          const { terminal, pid } = await bring(place);
          process.kill(whom === "crish" ? pid : -pid, "SIGTSTP");
          await terminal.waitFor(/Stopped[\s\S]*same mode/);
          assert.equal(await target.out(["exec", "one", "echo", "alive"]), "alive");
          await terminal.clear();
          await terminal.enter("fg");
          await terminal.waitFor(/\bcrish\b|^every /m);
          await place.leave(terminal);
          await terminal.waitFor(/\$$/);
          await terminal.enter("same");
          await terminal.waitFor(/^same mode$/m);
        });
      }
    }

    it("Ctrl-Z in a picker stops crish; fg shows the list again, and it works", async () => {
      const { terminal } = await startJob(cleanup, target, "logs");
      await terminal.waitFor(/which container\?[\s\S]*Esc cancels/);
      await terminal.type("one");
      await terminal.waitFor(/which container\? one/);
      await terminal.press("C-z");
      await terminal.waitFor(/Esc cancels[\s\S]*Stopped[\s\S]*same mode\n\$$/);
      await terminal.clear();
      await terminal.resize(90, 30);
      await terminal.enter("fg");
      await terminal.waitFor(/fg\n.*\n\? logs: which container\? one\n> one .*\n.*Esc cancels$/);
      await terminal.press("Enter");
      await terminal.waitFor(/^of-one\n\$$/m);
      await terminal.enter("same");
      await terminal.waitFor(/^same mode$/m);
    });

    for (const [question, line] of [
      ["Username:", "login 127.0.0.1:1"],
      ["Password:", "login -u anna 127.0.0.1:1"],
    ] as const) {
      it(`Ctrl-Z at ${question} stops crish; fg asks again`, async () => {
        const { terminal } = await startJob(cleanup, target, line);
        await terminal.waitFor(new RegExp(question));
        await terminal.press("C-z");
        await terminal.waitFor(/Stopped[\s\S]*same mode\n\$$/);
        await terminal.clear();
        await terminal.enter("fg");
        await terminal.waitFor(new RegExp(`fg\n.*\n\\? .*${question}`));
        await terminal.press("C-d");
        await terminal.waitFor(/\n\$$/);
        await terminal.enter("same");
        await terminal.waitFor(/^same mode$/m);
      });
    }

    it("Ctrl-Z at a question stops crish; fg shows it again, and it takes the answer", async () => {
      const { terminal } = await startJob(cleanup, target, "rm -f one two");
      await terminal.waitFor(/Remove these 2 containers\?/);
      await terminal.press("C-z");
      await terminal.waitFor(/Stopped[\s\S]*same mode\n\$$/);
      await terminal.clear();
      await terminal.enter("fg");
      await terminal.waitFor(/fg\n.*\n\? Remove these 2 containers\? \(y\/N\)$/);
      await terminal.type("n");
      await terminal.waitFor(/Remove these 2 containers\? .* n$/);
      await terminal.press("Enter");
      await terminal.waitFor(/nothing was done\n\$$/m);
      await terminal.enter("same");
      await terminal.waitFor(/^same mode$/m);
    });

    it("Ctrl-Z in exec -it is the container's own", async () => {
      const { terminal } = await startJob(cleanup, target, "exec -it one sh");
      await terminal.waitFor(/#$/);
      // The one that says so is in the foreground already.
      await terminal.enter("sh -c 'echo u$((1))p; exec cat'");
      await terminal.waitFor(/^u1p$/m);
      await terminal.press("C-z");
      await terminal.waitFor(/Stopped +sh/);
      await terminal.enter("exit; exit");
      await terminal.waitFor(/same mode/);
    });

    for (const place of PLACES) {
      it(`a terminal that hangs up ${place.name} ends crish and freezes nothing`, async () => {
        const { terminal, pid } = await bring(place);
        await terminal.hangUp();
        await waitUntil("crish has ended", async () => !isAlive(pid));
        assert.equal(await target.out(["exec", "one", "echo", "alive"]), "alive");
      });
    }

    describe("in the shell", () => {
      let shell: OpenShell;
      before(async () => {
        shell = await openShell(cleanup, target);
      });

      it("Ctrl-C ends a command and its stream, and the shell stays", async () => {
        await shell.terminal.clear();
        await shell.terminal.enter("exec one sh -c 'echo begun; exec sleep 54321'");
        await shell.terminal.waitFor(/^begun$/m);
        await shell.terminal.press("C-c");
        await shell.prompt({ status: 130 });
        // No mark of a line without its end: Ctrl-C is why it has none.
        await shell.terminal.waitFor(/^begun\n\^C\ncrish /m);
        await shell.terminal.clear();
        await shell.terminal.enter("logs -f one");
        await shell.terminal.waitFor(/^of-one$/m);
        await shell.terminal.press("C-c");
        await shell.prompt();
      });

      it("a SIGINT from outside ends a question and not the shell", async () => {
        const { terminal, pid } = await startJob(cleanup, target, "");
        await terminal.waitFor(/crish \w+>$/);
        for (const [line, question] of [
          ["logs", /logs: which container\?[\s\S]*one/],
          ["rm -f one two", /Remove these 2 containers\?/],
        ] as const) {
          await terminal.clear();
          await terminal.enter(line);
          await terminal.waitFor(question);
          process.kill(pid, "SIGINT");
          await terminal.waitFor(/crish \w+ \[130\]>$/);
        }
        await terminal.enter("exit 0");
        await terminal.waitFor(/status 0\nsame mode/);
      });

      it("Ctrl-C at the plain question of a dumb terminal removes nothing", async () => {
        const dumb = { ...shellEnvironment(target), TERM: "dumb" };
        const terminal = await openTerminal(cleanup, dumb);
        await terminal.enter('crish rm -f one two; echo "status $?"');
        await terminal.waitFor(/\(y\/N\)$/);
        await terminal.press("C-c");
        await terminal.waitFor(/^status 130$/m);
        assert.equal(await target.out(["exec", "one", "echo", "alive"]), "alive");
      });

      // Over CRI the first one ends every command at once.
      if (name === "embedded")
        it("a second Ctrl-C leaves a command that does not end", async () => {
          const { terminal } = await openShell(cleanup, target);
          await terminal.clear();
          await terminal.enter(
            "exec one sh -c 'trap : TERM INT HUP; echo begun; while :; do :; done'",
          );
          await terminal.waitFor(/^begun$/m);
          await terminal.press("C-c");
          // Two in one moment are one signal to a process that a busy machine does not let run.
          const leave = async () => {
            await terminal.press("C-c");
            return /\^C\^C\n(\^C\n?|\$ \^C\n)*\$$/.test(await terminal.transcript());
          };
          await waitUntil("the command is left", leave, { intervalMs: 300 });
          await waitUntil("the command has ended", async () => {
            const processes = await target.out(["exec", "one", "ps", "-o", "args"]);
            return !processes.includes("trap : TERM");
          });
        });

      it("Ctrl-Z in exec -it of the shell is the container's own", async () => {
        await shell.terminal.clear();
        await shell.terminal.enter("exec -it one sh");
        await shell.terminal.waitFor(/#$/);
        // The one that says so is in the foreground already.
        await shell.terminal.enter("sh -c 'echo u$((1))p; exec cat'");
        await shell.terminal.waitFor(/^u1p$/m);
        await shell.terminal.press("C-z");
        await shell.terminal.waitFor(/Stopped +sh/);
        await shell.terminal.enter("exit; exit");
        await shell.terminal.waitFor(/crish \w+( \[\d+\])?>$/);
      });
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
