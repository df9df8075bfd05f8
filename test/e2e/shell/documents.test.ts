import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";

describeDocuments("embedded", embeddedCli);
describeDocuments("containerd", containerdCli);

/** More than a terminal takes as one line by itself. */
const LONG_VALUE = "0123456789abcdef".repeat(400);

function describeDocuments(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`files that are typed into the shell, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let shell: OpenShell;

    before(async () => {
      target = await open(cleanup);
      shell = await openShell(cleanup, target);
    });

    it("runs a pod from a paste, with lines of any length, ended by Ctrl-D", async () => {
      const { terminal } = shell;
      await terminal.enter("runp -");
      await terminal.waitFor(/^PodSandboxConfig as JSON or YAML, ended by Ctrl-D:$/m);
      await terminal.paste(
        `metadata:\n  name: pasted\n  namespace: default\nannotations:\n  long: ${LONG_VALUE}\n`,
      );
      await terminal.waitForScreen(/89abcdef$/);
      await terminal.press("C-d");
      await terminal.waitFor(/^[0-9a-f]{64}\n[^\n]*>$/m);
      const { items } = JSON.parse(await target.out(["pods", "--name", "pasted", "-o", "json"]));
      assert.equal(items[0].annotations.long, LONG_VALUE);
    });

    it("creates a container from typed lines, with the pod's file from the runtime", async () => {
      const { terminal } = shell;
      await terminal.clear();
      await terminal.enter("create pasted -");
      await terminal.waitFor(/^ContainerConfig as JSON/m);
      await terminal.enter("metadata: {name: tyed}");
      await terminal.press("Up", "End", "Left", "Left", "Left");
      await terminal.type("p");
      await terminal.press("Down");
      await terminal.enter(`image: {image: "${target.image}"}`);
      await terminal.enter('command: [sleep, "1000"]');
      await terminal.press("C-d");
      await terminal.waitFor(/^[0-9a-f]{64}\n[^\n]*>$/m);
      await shell.run("ps -a --name typed", /^[0-9a-f]{13} .*typed/);
    });

    it("drops the text at Ctrl-C, and goes on", async () => {
      const { terminal } = shell;
      await terminal.clear();
      await terminal.enter("runp -");
      await terminal.waitFor(/ended by Ctrl-D:$/m);
      await terminal.enter("metadata:");
      await terminal.press("C-c");
      await shell.prompt({ status: 130 });
      await shell.run("version --client", /./);
    });

    it("says where a typed file is wrong", async () => {
      const { terminal } = shell;
      await terminal.clear();
      await terminal.enter("runp -");
      await terminal.waitFor(/ended by Ctrl-D:$/m);
      await terminal.paste("metadata:\n  name: x\n  nmae: y\n");
      await terminal.press("C-d");
      await terminal.waitFor(/crish: -:3:3: unknown field "metadata.nmae"/);
      await shell.prompt({ status: 2 });
    });

    it("reads plain stdin without a shell, and only one file from it", async () => {
      const input = "metadata: {name: piped, namespace: default}\n";
      assert.match(await target.out(["runp", "-"], { input }), /^[0-9a-f]{64}$/);
      const file = join(target.directory, "container.yaml");
      await writeFile(file, `metadata: {name: c}\nimage: {image: "${target.image}"}\n`);
      assert.match(await target.out(["create", "piped", file]), /^[0-9a-f]{64}$/);
      const both = await target.crish(["create", "piped", "-", "-"], { input });
      assert.equal(both.status, 2);
      assert.match(both.stderr, /only one of the files can be "-"/);
    });
  });
}
