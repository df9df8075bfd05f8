import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli } from "../../support/cli-target.ts";
import { type CompletingShell, openCompletingShell } from "../../support/completing-shell.ts";
import {
  type CompletionPlace,
  createCompletionPlace,
  type ShellName,
} from "../../support/completion-place.ts";

interface Setting {
  readonly title: string;
  readonly shell: ShellName;
  /** In the directory of the place. */
  readonly setup: readonly string[];
  /** Presses of Tab until there is a list. */
  readonly lists: number;
  /** Whether the shell completes behind `nice`. */
  readonly looksBehind: boolean;
}

const PACKAGE = "source /usr/share/bash-completion/bash_completion";
const COMPINIT = "autoload -U compinit; compinit -D -u";
const DATA = ".local/share/bash-completion/completions";

const SETTINGS: readonly Setting[] = [
  { title: "bash", shell: "bash", setup: ["source crish.bash"], lists: 2, looksBehind: false },
  {
    title: "bash with the package bash-completion",
    shell: "bash",
    setup: [PACKAGE, "source crish.bash"],
    lists: 2,
    looksBehind: true,
  },
  {
    title: "bash, where the package loads it",
    shell: "bash",
    setup: [PACKAGE, `mkdir -p ${DATA}; cp crish.bash ${DATA}/crish`],
    lists: 2,
    looksBehind: true,
  },
  {
    title: "zsh",
    shell: "zsh",
    setup: [COMPINIT, "source crish.zsh"],
    lists: 1,
    looksBehind: true,
  },
  {
    title: "zsh, from its fpath",
    shell: "zsh",
    setup: ["mkdir site; cp crish.zsh site/_crish; fpath=($PWD/site $fpath)", COMPINIT],
    lists: 1,
    looksBehind: true,
  },
  { title: "fish", shell: "fish", setup: ["source crish.fish"], lists: 1, looksBehind: true },
  {
    title: "fish, from its path of completions",
    shell: "fish",
    setup: ["mkdir own; cp crish.fish own/; set -p fish_complete_path $PWD/own"],
    lists: 1,
    looksBehind: true,
  },
];

describe("completion on a terminal", () => {
  const cleanup = cleanupAfter();
  let target: CliTarget;
  let place: CompletionPlace;
  before(async () => {
    target = await containerdCli(cleanup);
    place = await createCompletionPlace(cleanup, target.env);
    await target.runDetached("web-server", ["sleep", "1000"]);
    await target.out(["exec", "web-server", "sh", "-c", "mkdir /srv; touch '/srv/odd name'"]);
    await writeFile(join(place.directory, "my pod.yaml"), "");
    // What completes behind sudo wants that to be there.
    await writeFile(join(place.directory, "bin/sudo"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  });

  for (const { title, shell, setup, lists, looksBehind } of SETTINGS) {
    describe(`of ${title}`, () => {
      let opened: CompletingShell;
      before(async () => {
        opened = await openCompletingShell(cleanup, { shell, place, setup });
      });

      const completes = (line: string, expected: RegExp, tabs?: number) =>
        it(`${line} becomes ${expected.source}`, () => opened.completes(line, expected, tabs));

      completes("crish inspect", /inspectp/, lists);
      completes("crish vers", /crish version$/m);
      completes("crish logs --foll", /crish logs --follow$/m);
      completes("crish ps --state runn", /crish ps --state running$/m);
      completes("crish ps --state=runn", /crish ps --state=running$/m);
      completes("crish ps -o js", /crish ps -o json$/m);
      completes("crish logs web", /crish logs web-server$/m);
      completes("crish logs default/w", /crish logs default\/web-server\/web-server$/m);
      completes("crish rmi localhost/busybox:te", /crish rmi localhost\/busybox:test$/m);
      completes("crish ps --image=localhost/busybox:t", /--image=localhost\/busybox:test$/m);
      completes("crish exec web-server hostn", /crish exec web-server hostname$/m);
      completes("crish exec web-server ls /sr", /crish exec web-server ls \/srv\/$/m);
      completes("crish exec -it -- web-server ls -a /sr", / -- web-server ls -a \/srv\/$/m);
      completes("crish exec web-server cat /srv/od", /cat \/srv\/odd\\ name$/m);
      completes("crish exec web-server cat '/srv/od", /cat '\/srv\/odd name'$/m);
      completes("crish runp my", /crish runp my\\ pod\.yaml$/m);
      completes("crish --config=my", /crish --config=my\\ pod\.yaml$/m);
      completes("crish completion fi", /crish completion fish$/m);

      completes("FOO=1 BAR='x y' crish logs web", / crish logs web-server$/m);
      completes("echo; FOO=1 crish logs web", / crish logs web-server$/m);
      completes("FOO=1 ./bin/crish ps --state runn", / ps --state running$/m);
      if (looksBehind) {
        for (const before of ["nice", "FOO=1 nice", "sudo", "sudo -u root", "FOO=1 sudo"]) {
          completes(`${before} crish logs web`, / crish logs web-server$/m);
        }
      }

      it("asks the runtime that the line names, and goes on without one", async () => {
        await opened.completes("crish -r unix:///nowhere.sock logs -- web", /logs -- web$/m);
        await opened.terminal.type("X");
        await opened.terminal.waitFor(/logs -- webX$/m);
      });

      it("puts a blank behind what is complete, and none behind a directory", async () => {
        await opened.completes("crish logs web", /crish logs web-server$/m);
        await opened.terminal.type("X");
        await opened.terminal.waitFor(/crish logs web-server X$/m);
        await opened.completes("crish exec web-server ls /sr", /ls \/srv\/$/m);
        await opened.terminal.type("X");
        await opened.terminal.waitFor(/ls \/srv\/X$/m);
      });

      it("completes the program that was typed by its path", async () => {
        await opened.completes("./bin/crish logs web", /\.\/bin\/crish logs web-server$/m);
      });

      if (shell !== "bash") {
        it("shows what flags and verbs mean", async () => {
          await opened.completes("crish logs --", /--follow.*wait for more until it ends/);
        });

        it("honours variables before the command", async () => {
          const elsewhere = "CONTAINER_RUNTIME_ENDPOINT=unix:///nowhere.sock CRISH_ROOT=/x";
          await opened.completes(`${elsewhere} crish logs web`, /crish logs web$/m);
          const here = `CONTAINER_RUNTIME_ENDPOINT=${target.env.CONTAINER_RUNTIME_ENDPOINT}`;
          // The line may be wrapped before.
          await opened.completes(`${here} crish logs web`, / logs web-server$/m);
        });
      }
    });
  }
});
