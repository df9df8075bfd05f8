import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { type OpenShell, openShell } from "../../support/open-shell.ts";
import { waitUntil } from "../../support/wait-until.ts";

describeContext("embedded", embeddedCli);
describeContext("containerd", containerdCli);

function describeContext(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`the shell's context, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let shell: OpenShell;
    let first: string;
    let second: string;
    const pod = { context: "default/first" };
    const container = { context: "default/first/first" };

    before(async () => {
      target = await open(cleanup);
      first = await target.runDetached("first", [
        "sh",
        "-c",
        "touch /mark; echo from-first; sleep 100000",
      ]);
      second = await target.runDetached("second", ["sleep", "100000"]);
      await waitUntil("first has spoken", async () => await target.out(["logs", first]));
      shell = await openShell(cleanup, target);
    });

    it("use POD narrows lists to the pod, and the prompt shows it", async () => {
      await shell.run("use first", /use first/, pod);
      await shell.run("ps -q", new RegExp(`^${first}$`), pod);
      await shell.run("ps -q --pod second", new RegExp(`^${second}$`), pod);
      await shell.run("inspectp -o table", /Name: +first/, pod);
    });

    it("a verb that needs a container means the pod's only one, or lists them", async () => {
      await shell.run("logs", /^from-first$/, pod);
      await shell.run("exec ls /mark", /^\/mark$/, pod);
      await shell.run("exec second ls /mark", /No such file/, { ...pod, status: 1 });
      await shell.run(
        "stop --dry-run",
        /^container default\/first\/first, from the context\ncontainer\s+[0-9a-f]{64}/,
        pod,
      );
      const beside = join(target.directory, "beside.yaml");
      await writeFile(
        beside,
        `{metadata: {name: beside}, image: {image: "${target.image}"}, command: [sleep, "100000"]}`,
      );
      const id = await target.out(["create", "first", beside]);
      await shell.run("exec ls /mark", /^\/mark$/, pod);
      await target.out(["start", id]);
      await shell.terminal.clear();
      await shell.terminal.enter("exec hostname");
      await shell.terminal.waitFor(/exec: which container of default\/first\?[\s\S]*> beside/);
      await shell.terminal.press("Down", "Enter");
      await shell.terminal.waitFor(/^first\n.*>$/m);
      await shell.prompt(pod);
      const script = await target.crish(["repl"], { input: "use first\nexec hostname\n" });
      assert.deepEqual(
        [script.status, script.stderr],
        [
          125,
          'stdin:2: exec needs CONTAINER: pod "default/first" has 2\n' +
            "hint: one of beside (running), first (running)\n",
        ],
      );
      await target.out(["rm", "-f", id]);
    });

    it("use POD/CONTAINER makes it what verbs without an object act on", async () => {
      await shell.run("use first/first", /use/, container);
      await shell.run("logs", /^from-first$/, container);
      await shell.run("inspect -o table", new RegExp(`ID: +${first}`), container);
      await shell.run("stats", new RegExp(`^${first.slice(0, 13)} +first`), container);
    });

    it("exec runs its words in it, and a container's own name means that container", async () => {
      await shell.run("exec ls /mark", /^\/mark$/, container);
      await shell.run("exec second ls /mark", /No such file/, { ...container, status: 1 });
      await shell.run("exec -- echo a second", /^a second$/, container);
      await shell.run("exec -it sh -c 'tty; exit 3'", /^\/dev\/pts\/\d+$/, {
        ...container,
        status: 3,
      });
      await shell.run("use -", /use -/, pod);
      await shell.run("use -", /use -/, container);
    });

    it("shows that the last command failed", async () => {
      await shell.run("inspect nothing", /not found/, { ...container, status: 4 });
      await shell.run("echo", /echo/, container);
    });

    it("tells which object the context supplied to what destroys", async () => {
      await shell.run(
        "stop --dry-run",
        /^container default\/first\/first, from the context$/,
        container,
      );
    });

    it(".. leaves the container, then the pod", async () => {
      await shell.run("..", /\.\./, pod);
      await shell.run("..", /\.\./);
      await shell.run("..", /no pod is in use/, { status: 1 });
    });

    it("is dropped with one line when its container goes, and nothing else takes its place", async () => {
      await target.runDetached("brief", ["sleep", "100000"]);
      await shell.run("use brief/brief", /use/, { context: "default/brief/brief" });
      await shell.run(
        "rm -f",
        /container "default\/brief\/brief" is gone; in use is default\/brief/,
        {
          context: "default/brief",
        },
      );
      await target.crish(["rmp", "-f", "brief"]);
      await shell.run("ps", /pod "default\/brief" is gone/, { status: 4 });
      await shell.run("ps -q", new RegExp(second));
    });

    it("connect goes to another runtime and back, and leaves what was in use", async () => {
      const other = name === "embedded" ? "unix:///nowhere/at.sock" : "unix:///run/nothing.sock";
      await shell.run("use first", /use/, pod);
      await shell.run(`connect ${other}`, /cannot connect to/, { ...pod, status: 3 });
      await shell.run("connect", / at (unix|embedded):/, pod);
      const own = target.env.CONTAINER_RUNTIME_ENDPOINT ?? "embedded:";
      await shell.run(`connect ${own}`, /default\/first is no longer in use/);
      await shell.run("ps -q", new RegExp(second));
    });

    it("follows the width of the terminal", async () => {
      await shell.terminal.resize(60, 20);
      await shell.run("exec first true", /exec/);
      await shell.terminal.resize(100, 30);
      await shell.run("ps", /CONTAINER/);
    });
  });
}
