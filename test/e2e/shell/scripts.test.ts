import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import type { Cleanup } from "../../support/cleanup.ts";
import { cleanupAfter } from "../../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../../support/crish.ts";
import { run } from "../../support/run.ts";
import { waitUntil } from "../../support/wait-until.ts";

describeScripts("embedded", embeddedCli);
describeScripts("containerd", containerdCli);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function describeScripts(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`scripts, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let id: string;
    let files = 0;

    before(async () => {
      target = await open(cleanup);
      id = await target.runDetached("scripted", ["sh", "-c", "echo said; sleep 100000"]);
      await waitUntil("it has spoken", async () => await target.out(["logs", id]));
    });

    async function write(text: string): Promise<string> {
      files++;
      const path = join(target.directory, `script-${files}.crish`);
      await writeFile(path, text);
      return path;
    }

    async function script(text: string, ...args: string[]) {
      const path = await write(text);
      const result = await target.crish(["-f", path, ...args]);
      const stderr = result.stderr.replaceAll(path, "SCRIPT");
      return { status: result.status, stdout: result.stdout, stderr };
    }

    it("runs a file with its arguments, flags among them", async () => {
      const { status, stdout } = await script(
        'set id = ps -q --name "$1"\necho $id $2 $#\n',
        "scripted",
        "--help",
      );
      assert.deepEqual({ status, stdout }, { status: 0, stdout: `${id} --help 2\n` });
    });

    it("is a program with #!/usr/bin/env -S crish -f", async () => {
      const path = await write("#!/usr/bin/env -S crish -f\necho $0 $1\n");
      await chmod(path, 0o755);
      const bin = join(target.directory, "bin");
      const { command, args } = crishCommand();
      const quoted = [command, ...args].map((word) => `'${word}'`).join(" ");
      await run("mkdir", ["-p", bin]);
      await writeFile(join(bin, "crish"), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
      const env = crishEnvironment({ ...target.env, PATH: `${bin}:${process.env.PATH}` });
      const { status, stdout } = await run(path, ["a b"], { env });
      assert.deepEqual({ status, stdout }, { status: 0, stdout: `${path} a b\n` });
    });

    it("ends at the first failure, and says its file and line with the one line of the verb", async () => {
      const { status, stdout, stderr } = await script(
        "inspect -o table nosuch || echo tolerated\n\n# a comment\nlogs \\\n  nosuch\necho not reached\n",
      );
      assert.deepEqual({ status, stdout }, { status: 4, stdout: "tolerated\n" });
      const lines = stderr.trimEnd().split("\n");
      assert.match(lines[0] ?? "", /^SCRIPT:1: .*"nosuch"/);
      assert.match(lines.at(-1) ?? "", /^(SCRIPT:4: .*"nosuch"|hint: .*)/);
      assert.equal(stderr.match(/SCRIPT:4/g)?.length, 1);
    });

    it("has the status of what runs in a container, and says where it ended", async () => {
      const { status, stderr } = await script("exec scripted true\nexec scripted sh -c 'exit 9'\n");
      assert.equal(status, 9);
      assert.match(stderr, /^SCRIPT:2: ended with status 9$/m);
    });

    it("runs nothing of a file with a mistake in it", async () => {
      const { status, stdout, stderr } = await script("echo a\necho b\necho 'c\n");
      const expected = { status: 2, stdout: "", stderr: "SCRIPT:3:6: the quote ' is not closed\n" };
      assert.deepEqual({ status, stdout, stderr }, expected);
    });

    it("reads stdin as well, and its commands do not", async () => {
      const input = `ps -q --name scripted\nexec -i scripted cat\necho $1\n`;
      const { status, stdout } = await target.crish(["-f", "-", "arg"], { input });
      assert.deepEqual({ status, stdout }, { status: 0, stdout: `${id}\narg\n` });
      const piped = await target.crish([], { input: "echo plain\n" });
      assert.deepEqual([piped.status, piped.stdout], [0, "plain\n"]);
    });

    it("leaves stdin to the commands of a file", async () => {
      const path = await write("exec -i scripted cat | tr a-z A-Z\n");
      const { stdout } = await target.crish(["-f", path], { input: "to be read" });
      assert.equal(stdout, "TO BE READ");
    });

    it("says what it cannot read", async () => {
      const cases = [
        ["/no/such.crish", /^crish: cannot read script "\/no\/such\.crish": no such file$/m],
        ["/", /^crish: cannot read script "\/": it is a directory$/m],
        ["/bin/true", /^crish: "\/bin\/true" is no script$/m],
      ] as const;
      for (const [path, message] of cases) {
        const { status, stderr } = await target.crish(["-f", path]);
        assert.equal(status, 2);
        assert.match(stderr, message);
      }
      const { command, args } = crishCommand();
      const directory = await run("sh", ["-c", 'exec "$0" "$@" < /', command, ...args], {
        env: crishEnvironment(target.env),
      });
      assert.equal(directory.status, 2);
      assert.equal(directory.stderr, 'crish: cannot read script "stdin": it is a directory\n');
    });

    it("goes on after failures where it is told to", async () => {
      const path = await write("nosuch\nrm nosuch\necho last\n");
      const { status, stdout } = await target.crish(["--keep-going", "-f", path]);
      assert.deepEqual({ status, stdout }, { status: 2, stdout: "last\n" });
      const plus = await script("set +e\nnosuch\nset -e\necho on\nnosuch\necho off\n");
      assert.deepEqual([plus.status, plus.stdout], [2, "on\n"]);
    });

    it("reads another script into itself, whose errors name that one", async () => {
      const inner = await write("set found = ps -q --name $1\nnosuch\n");
      const { status, stdout, stderr } = await script(
        `source ${inner} scripted || echo $found\nsource ${inner} scripted\necho no\n`,
      );
      assert.deepEqual([status, stdout], [2, `${id}\n`]);
      assert.ok(stderr.includes(`${inner}:2: unknown command "nosuch"`), stderr);
    });

    it("pipes into real programs, JSON into jq", async () => {
      const { status, stdout, stderr } = await script(
        [
          "ps -o json | jq -r '.containers[] | .metadata.name' | sort",
          "ps -q | while read -r id; do echo id $id; done && echo next",
          "exec scripted sh -c 'echo quoted | tr a-z A-Z'",
          "logs scripted 2>&1 | cat",
        ].join("\n"),
      );
      const expected = `scripted\nid ${id}\nnext\nQUOTED\nsaid\n`;
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: expected, stderr: "" });
    });

    it("the status of a pipeline is that of the right side, else of the command", async () => {
      const statuses = await script(
        [
          "set +e",
          "ps -q | sh -c 'cat > /dev/null; exit 3'; echo $?",
          "inspect nosuch 2> /dev/null | cat; echo $?",
          "exec scripted sh -c 'yes | head -c 5000000' | head -c 2; echo $?",
        ].join("\n"),
      );
      assert.equal(statuses.stdout, "3\n4\ny\n0\n");
      assert.equal(statuses.stderr, "");
    });

    it("passes 32 MiB through a pipe and into a file, each byte of it", async () => {
      const out = join(target.directory, "big");
      const command = "exec scripted sh -c 'yes abcdefghijklmno | head -c 33554432'";
      const { stdout } = await script(`${command} | sha256sum\n${command} > ${out}\n`);
      const filed = await run("sha256sum", [out]);
      assert.equal(stdout.split(" ")[0], filed.stdout.split(" ")[0]);
      const expected = await run("sh", [
        "-c",
        "yes abcdefghijklmno | head -c 33554432 | sha256sum",
      ]);
      assert.equal(stdout, expected.stdout);
    });

    it("holds the command back where the reader is slow", async () => {
      const { status, stdout } = await script(
        "exec scripted sh -c 'yes | head -c 3000000' | { sleep 1; wc -c; }\n",
      );
      assert.deepEqual([status, Number(stdout)], [0, 3_000_000]);
    });

    it("writes, appends and reads files", async () => {
      const path = join(target.directory, "out");
      await script(`ps -q > ${path}\necho more >> ${path}\nrm nosuch 2>> ${path} || true\n`);
      assert.match(await readFile(path, "utf8"), new RegExp(`^${id}\\nmore\\nSCRIPT|script-\\d+`));
      const { stdout } = await script(`exec -i scripted wc -l < ${path}\n`);
      assert.ok(Number(stdout) >= 3);
      const colored = await target.crish(["--color", "auto", "-f", await write(`ps > ${path}\n`)]);
      assert.equal(colored.status, 0);
      assert.ok(!(await readFile(path, "utf8")).includes("\x1b"));
    });

    it("says in one line what it cannot write, with a status that is not 0", async () => {
      const full = await script("ps > /dev/full\necho no\n");
      const line = 'SCRIPT:1: cannot write to "/dev/full": no space left on the device\n';
      assert.deepEqual(full, { status: 1, stdout: "", stderr: line });
      const streamed = await script("exec scripted sh -c 'yes | head -c 300000' > /dev/full\n");
      assert.notEqual(streamed.status, 0);
      assert.match(streamed.stderr, /^SCRIPT:1: .*no space left on .*\n$/);
      const closed = await script("ps > /no/such/file\n");
      assert.equal(closed.stderr, 'SCRIPT:1: cannot open "/no/such/file": no such file\n');
    });

    it("acts on every line of a variable, and on nothing of an empty one", async () => {
      const { status, stdout } = await script(
        "set both = !printf '%s\\n%s\\n' scripted scripted\nlogs scripted\ninspect -o json $both | jq length\n",
      );
      assert.equal(status, 0, stdout);
      const empty = await script("set none = ps -q --name nosuch\nrm -f $none\n");
      assert.equal(empty.status, 2);
      assert.match(empty.stderr, /^SCRIPT:2: rm needs /);
      assert.equal(await target.out(["ps", "-q", "--name", "scripted"]), id);
    });

    it("runs 200 commands in one process", async () => {
      const { status, stdout } = await script("ps -q\n".repeat(200));
      assert.deepEqual([status, stdout], [0, `${id}\n`.repeat(200)]);
    });

    it("ends with what it started at SIGTERM", async () => {
      const child = target.spawn([
        "-f",
        await write(`!sh -c 'echo $$; exec sleep 1000'\necho no\n`),
      ]);
      const [chunk] = await once(child.stdout ?? child, "data");
      const pid = Number(String(chunk).trim());
      child.kill("SIGTERM");
      const [status] = await once(child, "exit");
      assert.notEqual(status, 0);
      await waitUntil("the program ended", () => !isAlive(pid));
    });
  });
}
