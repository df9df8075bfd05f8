import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { CLI_IMAGE, type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";

describeChanges("embedded", embeddedCli);
describeChanges("containerd", containerdCli);

function describeChanges(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`what happens while a line is typed, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let shell: OpenShell;

    before(async () => {
      target = await open(cleanup);
      await target.runDetached("one", ["sleep", "9999"]);
      shell = await openShell(cleanup, target);
      await shell.run("ps -q", /^[0-9a-f]{64}$/);
    });

    it("is told in a line above, and what was typed stays", async () => {
      await shell.terminal.clear();
      await shell.terminal.type("logs one --ta");
      await shell.terminal.waitFor(/^logs one --ta$/m);
      await target.out(["stop", "-t", "0", "one"]);
      await shell.terminal.waitFor(
        /^\d\d:\d\d:\d\d container (default\/one\/)?one ended with 137\n.*> logs one --ta$/m,
      );
      await target.out(["rmp", "-f", "-a"]);
      await target.out(["rmi", CLI_IMAGE]);
      await shell.terminal.waitFor(/image localhost\/busybox:test is gone\n.*> logs one --ta$/m);
      await shell.terminal.type("il 1");
      await shell.terminal.waitFor(/> logs one --tail 1$/m);
    });
  });
}
