import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";

for (const [name, create] of [
  ["embedded", embeddedCli],
  ["containerd", containerdCli],
] as const) {
  describe(`completion in the shell on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let shell: OpenShell;
    before(async () => {
      target = await create(cleanup);
      await target.runDetached("web-server", ["sleep", "1000"]);
      await target.out(["exec", "web-server", "sh", "-c", "mkdir /srv; touch '/srv/odd name'"]);
      await writeFile(join(target.directory, "my pod.yaml"), "");
      shell = await openShell(cleanup, target);
    });

    /** Types the line anew, with Tab behind it, until the screen fits: what is slow comes later. */
    const completes = async (line: string, pattern: RegExp) => {
      for (let attempt = 1; ; attempt++) {
        await shell.terminal.press("C-e", "C-u");
        await shell.terminal.clear();
        // The shell does not know that its screen was taken away.
        await shell.terminal.press("C-l");
        await shell.terminal.type(line);
        await shell.terminal.press("Tab");
        try {
          return await shell.terminal.waitFor(pattern, 3000);
        } catch (error) {
          if (attempt === 6) throw error;
        }
      }
    };

    const cases: readonly [line: string, expected: RegExp][] = [
      ["vers", /version$/m],
      ["logs --foll", /logs --follow$/m],
      ["ps --state runn", /ps --state running$/m],
      ["logs web", /logs web-server$/m],
      ["logs default/w", /logs default\/web-server\/web-server$/m],
      ["rmi localhost/busybox:te", /rmi localhost\/busybox:test$/m],
      ["exec web-server hostn", /exec web-server hostname$/m],
      ["exec web-server ls /sr", /ls \/srv\/$/m],
      ["exec web-server cat /srv/od", /cat \/srv\/odd\\ name$/m],
      ["exec web-server cat '/srv/od", /cat '\/srv\/odd name'$/m],
      ["ps && logs web", /ps && logs web-server$/m],
      ["time logs web", /time logs web-server$/m],
      ["use web-server/w", /use web-server\/web-server$/m],
      ["help insp", /inspectp/],
      ["ps | mktem", /ps \| mktemp$/m],
      ["!mktem", /!mktemp$/m],
    ];
    for (const [line, expected] of cases) {
      it(`${line} becomes ${expected.source}`, () => completes(line, expected));
    }

    it("completes files of this host, on the command line and behind >", async () => {
      await completes(`runp ${target.directory}/my`, /\/my\\ pod\.yaml$/m);
      await completes(`ps > ${target.directory}/my`, /\/my\\ pod\.yaml$/m);
    });

    it("shows states and pods in its menu", async () => {
      await target.runDetached("web-cache", ["sleep", "1000"]);
      await completes("logs web-", /web-server.*running, default\/web-server/);
    });

    it("completes the command of exec in the context of a pod with one container", async () => {
      await shell.terminal.press("C-e", "C-u");
      await shell.terminal.enter("use web-server");
      await shell.terminal.waitFor(/default\/web-server>/);
      await completes("exec hostn", /exec hostname$/m);
      await completes("exec ls /sr", /exec ls \/srv\/$/m);
    });

    it("completes the command of exec in the context of a container", async () => {
      await shell.terminal.press("C-e", "C-u");
      await shell.terminal.enter("use web-server/web-server");
      await shell.terminal.waitFor(/default\/web-server\/web-server>/);
      await completes("exec hostn", /exec hostname$/m);
      await completes("exec ls /sr", /exec ls \/srv\/$/m);
    });
  });
}
