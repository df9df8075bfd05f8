import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "node:test";
import { watchOutput } from "../../support/child-output.ts";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { waitUntil } from "../../support/wait-until.ts";

/** The verbs that look at what runs and wait for it: wait, pid, whois, tree. */
function describeLooking(
  name: CliTarget["name"],
  open: (cleanup: Cleanup) => Promise<CliTarget>,
): void {
  describe(`looking and waiting on ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let id: string;

    before(async () => {
      target = await open(cleanup);
      id = await target.runDetached("web", ["sh", "-c", "sleep 1000 & wait"]);
    });

    const processOf = async () => Number(await target.out(["pid", "-q", "web"]));
    const whois = async (pid: number) =>
      JSON.parse(await target.out(["whois", "-o", "json", String(pid)])).processes[0];

    it("pid tells the main process, and whois its container", async () => {
      const pid = await processOf();
      const row = (await target.out(["pid", "web"])).split("\n")[1]?.split(/\s+/);
      assert.deepEqual(row, [String(pid), id.slice(0, 13), "web", "web", "default"]);
      const { role, container, name: called, pod } = await whois(pid);
      assert.deepEqual([role, container, called, pod], ["main", id, "web", "web"]);
    });

    it("whois knows children, what exec started, and shims", async () => {
      const pid = await processOf();
      const children = `/proc/${pid}/task/${pid}/children`;
      const child = await waitUntil(
        "it has a child",
        async () => (await readFile(children, "utf8")).split(" ")[0],
      );
      assert.equal((await whois(Number(child))).role, "inside");
      const exec = target.spawn(["exec", "web", "sh", "-c", "echo $$; exec sleep 1000"]);
      await new Promise((resolve) => exec.stdout?.once("data", resolve));
      const processes = await readFile(await cgroupFile(pid), "utf8");
      for (const each of processes.trim().split("\n")) {
        assert.equal((await whois(Number(each))).container, id);
      }
      exec.kill("SIGKILL");
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      assert.deepEqual((await whois(parent)).role, "shim");
    });

    it("whois and pid say what they do not find", async () => {
      const own = await target.crish(["whois", String(process.pid), "999999999", "nope"]);
      assert.equal(own.status, 2);
      const { status, stderr } = await target.crish(["whois", String(process.pid), "999999999"]);
      assert.equal(status, 4);
      assert.match(stderr, /belongs to no container of this runtime/);
      assert.match(stderr, /process "999999999" is not there/);
      assert.equal((await target.crish(["pid", "nope"])).status, 4);
    });

    it("tree shows the pod's address and its container", async () => {
      const { pods } = JSON.parse(await target.out(["tree", "-o", "json"]));
      assert.equal(pods[0].containers[0].id, id);
      const lines = (await target.out(["tree"], { env: { LC_ALL: "C" } })).split("\n");
      assert.match(lines[1] ?? "", new RegExp(`^default/web\\s+Ready\\s+${pods[0].ips[0]}`));
      assert.match(lines[2] ?? "", /^`- web\s+Running\s+localhost\/busybox:test/);
    });

    it("wait sees an end, whoever causes it, and the status", async () => {
      const job = await target.runDetached("job", ["sh", "-c", "sleep 0.5; exit 7"]);
      const waiting = target.crish(["wait", "--exit-code", "job", "web"]);
      await waitUntil("job has ended", async () =>
        (await target.out(["ps", "-aq", "-s", "exited"])).includes(job),
      );
      await target.out(["stop", "-t", "0", "web"]);
      const { status, stdout } = await waiting;
      assert.deepEqual([status, stdout], [7, "7\n137\n"]);
      assert.match((await target.crish(["pid", "web"])).stderr, /"web" is not running/);
      const late = await target.crish(["wait", "--for", "removed", "--timeout", "300ms", "job"]);
      assert.equal(late.status, 1);
      const removed = target.spawn(["--debug", "wait", "--for", "removed", "web", "job"]);
      const ended = once(removed, "close");
      const shown = watchOutput(removed);
      // What was removed before it looks is not found.
      await shown.waitFor(/ListContainersResponse/);
      await target.out(["rm", "-y", "web", "job"]);
      assert.deepEqual(await ended, [0, null]);
      // The lines of --debug are among them.
      assert.match(shown.text(), /^web\n([\s\S]*\n)?job\n/m);
    });

    it("wait and top tell of pods and containers in documents", async () => {
      await target.runDetached("told", ["sh", "-c", "sleep 0.3; exit 5"]);
      const waited = JSON.parse(await target.out(["wait", "-o", "json", "told"]));
      const { kind, name: called, pod, namespace, state, exitCode } = waited;
      assert.deepEqual(
        [kind, called, pod, namespace, state, exitCode],
        ["container", "told", "told", "default", "exited", 5],
      );
      assert.match(waited.finishedAt, /^\d{4}-/);
      assert.equal(await target.out(["wait", "-o", "name", "told"]), "default/told/told");
      await target.runDetached("busy", ["sleep", "1000"]);
      const row = JSON.parse(await target.out(["top", "-d", "200ms", "-o", "jsonl"]));
      assert.deepEqual([row.name, row.pod], ["busy", "default/busy"]);
      assert.ok(row.memoryBytes > 0);
      await target.out(["stop", "-t", "0", "busy"]);
      await target.out(["rm", "-y", "busy", "told"]);
    });

    it("pid and whois print columns and templates", async () => {
      await target.runDetached("shown", ["sleep", "1000"]);
      const pid = await target.out(["pid", "-o", "jsonpath={.processes[0].pid}", "shown"]);
      assert.equal(pid, await target.out(["pid", "-q", "shown"]));
      assert.equal(await target.out(["pid", "-o", "name", "shown"]), "default/shown/shown");
      const role = ["whois", "--columns", "role,name", "--no-headers", pid];
      assert.match(await target.out(role), /^main +shown$/);
      const twice = await target.out(["whois", "-q", pid, pid]);
      assert.match(twice, /^\w{64}$/);
      const conditions = await target.out(["info", "-o", "table"]);
      assert.match(conditions, /^RuntimeReady +yes/m);
      await target.out(["stop", "-t", "0", "shown"]);
      await target.out(["rm", "-y", "shown"]);
    });

    it("wait ends at Ctrl-C with 130", async () => {
      const child = target.spawn(["wait", "--for", "created", "never"]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      await waitUntil("it listens to signals", async () => {
        const text = await readFile(`/proc/${child.pid}/status`, "utf8");
        const caught = BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(text)?.[1] ?? "0"}`);
        return (caught & SIGINT_BIT) !== 0n;
      });
      child.kill("SIGINT");
      assert.equal(await ended, 130);
    });
  });
}

const SIGINT_BIT = 2n;

/** The list of the processes in the cgroup of a process. */
async function cgroupFile(pid: number): Promise<string> {
  const lines = (await readFile(`/proc/${pid}/cgroup`, "utf8")).split("\n");
  const memory = lines.find((line) => /^\d+:memory:/.test(line));
  if (memory !== undefined) return `/sys/fs/cgroup/memory${memory.split(":")[2]}/cgroup.procs`;
  return `/sys/fs/cgroup${lines.find((line) => line.startsWith("0::"))?.slice(3)}/cgroup.procs`;
}

describeLooking("embedded", embeddedCli);
describeLooking("containerd", containerdCli);
