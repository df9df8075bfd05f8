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

const WITH_PACKAGE = ["source /usr/share/bash-completion/bash_completion"];

const SHELLS: readonly { title: string; shell: ShellName; setup?: string[]; lists: number }[] = [
  { title: "bash", shell: "bash", lists: 2 },
  { title: "bash with the package bash-completion", shell: "bash", setup: WITH_PACKAGE, lists: 2 },
  { title: "zsh", shell: "zsh", lists: 1 },
  { title: "fish", shell: "fish", lists: 1 },
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
  });

  for (const { title, shell, setup, lists } of SHELLS) {
    describe(`of ${title}`, () => {
      let opened: CompletingShell;
      before(async () => {
        const options = setup === undefined ? { shell, place } : { shell, place, setup };
        opened = await openCompletingShell(cleanup, options);
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
          await opened.completes(`${here} crish logs web`, /crish logs web-server$/m);
        });
      }
    });
  }
});
