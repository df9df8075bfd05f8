import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { digestOutput, watchOutput } from "../support/child-output.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { cleanupAfter } from "../support/cleanup-after.ts";
import { type CliTarget, containerdCli, embeddedCli } from "../support/cli-target.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { run } from "../support/run.ts";
import { waitUntil } from "../support/wait-until.ts";

const SIZE_BYTES = 100_000_000;
const FORWARDING = /Forwarding from 127\.0\.0\.1:\d+/;
const portOf = (line: string) => Number(line.split(":").at(-1));

describeStreams("embedded", embeddedCli);
describeStreams("containerd", containerdCli);

function describeStreams(name: string, open: (cleanup: Cleanup) => Promise<CliTarget>): void {
  describe(`exec, attach and port-forward from the command line, ${name}`, () => {
    const cleanup = cleanupAfter();
    let target: CliTarget;
    let id: string;
    before(async () => {
      target = await open(cleanup);
      id = await target.runDetached("streams", ["sleep", "100000"]);
    });

    it("exec -i with a pipe ends by itself when the pipe does", async () => {
      const { status, stdout, stderr } = await target.crish(["exec", "-i", id, "cat"], {
        input: "hi\n",
        timeoutMs: 15_000,
      });
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "hi\n", stderr: "" });
    });

    it("exec keeps both streams apart and passes the status on", async () => {
      const script = "echo out; echo err >&2; exit 42";
      const { status, stdout, stderr } = await target.crish(["exec", id, "sh", "-c", script]);
      assert.deepEqual(
        { status, stdout, stderr },
        { status: 42, stdout: "out\n", stderr: "err\n" },
      );
    });

    it("exec -s keeps both streams apart and passes the status on", async () => {
      const script = "echo out; echo err >&2; exit 42";
      const { status, stdout, stderr } = await target.crish(["exec", "-s", id, "sh", "-c", script]);
      assert.deepEqual(
        { status, stdout, stderr },
        { status: 42, stdout: "out\n", stderr: "err\n" },
      );
    });

    it("exec: 137 for a process that signal 9 killed", async () => {
      assert.equal((await target.crish(["exec", id, "sh", "-c", "kill -9 $$"])).status, 137);
    });

    it("exec: 127 for a program that is not there, 126 for one that cannot run", async () => {
      const missing = await target.crish(["exec", id, "/no/such/program"]);
      assert.equal(missing.status, 127, missing.stderr);
      assert.match(missing.stderr, /^[^\n]*program[^\n]*\n/);
      assert.equal((await target.crish(["exec", id, "/etc/passwd"])).status, 126);
    });

    it("exec: 125 and one line for a container that is not there", async () => {
      const { status, stdout, stderr } = await target.crish(["exec", "no-such-container", "true"]);
      assert.equal(status, 125);
      assert.equal(stdout, "");
      assert.match(stderr, /no-such-container/);
    });

    it("exec: 125 and the same line for a full ID that nothing has", async () => {
      const missing = "0123456789abcdef".repeat(4);
      const { status, stdout, stderr } = await target.crish(["exec", missing, "true"]);
      assert.deepEqual([status, stdout], [125, ""]);
      assert.equal(
        stderr,
        `crish: container "${missing}" not found\nhint: crish ps -a lists them\n`,
      );
    });

    it("exec -w: 125 and one line for a directory that is not there", async () => {
      const args = ["exec", "-w", "/no/such", id, "true"];
      const { status, stdout, stderr } = await target.crish(args);
      assert.deepEqual([status, stdout], [125, ""]);
      assert.match(stderr, /^[^\n]*\/no\/such[^\n]*\n$/);
    });

    it("exec: 125 and one line for an output that takes no more, with stdin and without", async () => {
      for (const line of ["yes | head -c 3000000", "echo precious"]) {
        for (const flags of [[], ["-i"]]) {
          const { command, args } = crishCommand();
          const words = [...args, "exec", ...flags, id, "sh", "-c", line];
          const { status, stderr } = await run(
            "sh",
            ["-c", 'exec "$@" </dev/null >/dev/full', "sh", command, ...words],
            { env: crishEnvironment(target.env) },
          );
          assert.equal(stderr, "crish: cannot write to stdout: no space left on the device\n");
          assert.equal(status, 125, line);
        }
      }
    });

    it("exec into a file writes all of it, and passes the status on", async () => {
      const path = join(target.directory, "exec-output");
      const { command, args } = crishCommand();
      const made = "echo begin; head -c 3000000 /dev/zero; echo err >&2; echo end; exit 42";
      const words = [...args, "exec", id, "sh", "-c", made];
      const line = '"$@" >>"$0"; status=$?; echo after >>"$0"; exit $status';
      const { status, stderr } = await run("sh", ["-c", line, path, command, ...words], {
        env: crishEnvironment(target.env),
      });
      assert.deepEqual([status, stderr], [42, "err\n"]);
      const written = await readFile(path, "latin1");
      assert.equal(
        written.replace(/\0+/g, (zeros) => `${zeros.length}`),
        "begin\n3000000end\nafter\n",
      );
    });

    // The embedded runtime's command has a pipe itself.
    if (name === "containerd") {
      it("exec in a shell: one line for a redirection that takes no more", async () => {
        for (const flags of ["", "-i"]) {
          const line = `exec ${flags} ${id} sh -c 'yes | head -c 3000000' > /dev/full\n`;
          const { status, stderr } = await target.crish(["repl"], { input: line });
          const why = 'cannot write to "/dev/full": no space left on the device';
          assert.deepEqual([status, stderr], [125, `stdin:1: ${why}\n`]);
        }
      });

      it("exec ends with 0 and without a word when its reader goes away", async () => {
        const { command, args } = crishCommand();
        const words = [...args, "exec", id, "sh", "-c", "while :; do echo line; done"];
        const { stdout, stderr } = await run(
          "sh",
          ["-c", '{ "$@"; echo "status $?" >&2; } | head -n 1', "sh", command, ...words],
          { env: crishEnvironment(target.env) },
        );
        assert.deepEqual([stdout, stderr], ["line\n", "status 0\n"]);
      });
    }

    it("100 MB come out of `exec ID cat FILE` whole", async () => {
      const made = `head -c ${SIZE_BYTES} /dev/urandom > /out && sha256sum < /out`;
      const expected = (await target.out(["exec", id, "sh", "-c", made])).split(" ")[0];
      const child = target.spawn(["exec", id, "cat", "/out"]);
      const { sha256, sizeBytes, status, stderr } = await digestOutput(child);
      assert.deepEqual(
        { sizeBytes, status, stderr },
        { sizeBytes: SIZE_BYTES, status: 0, stderr: "" },
      );
      assert.equal(sha256, expected);
    });

    it("100 MB go into `exec -i ID sh -c 'cat > FILE'` whole", async () => {
      const { createHash, randomBytes } = await import("node:crypto");
      const chunk = randomBytes(1_000_000);
      const hash = createHash("sha256");
      const child = target.spawn(["exec", "-i", id, "sh", "-c", "cat > /in; sha256sum < /in"]);
      const output = watchOutput(child);
      const closed = once(child, "close");
      for (let sent = 0; sent < SIZE_BYTES; sent += chunk.length) {
        chunk.writeUInt32LE(sent); // so that no two chunks are alike
        hash.update(chunk);
        if (child.stdin?.write(Buffer.from(chunk)) === false) await once(child.stdin, "drain");
      }
      child.stdin?.end();
      const [status] = await closed;
      assert.equal(status, 0, output.text());
      assert.equal(output.text().split(" ")[0], hash.digest("hex"));
    });

    it("a reader that goes away ends exec quietly", async () => {
      const child = target.spawn(["exec", id, "yes"]);
      let stderr = "";
      child.stderr?.on("data", (chunk) => {
        stderr += chunk;
      });
      await once(child.stdout ?? child, "data");
      child.stdout?.destroy();
      await once(child, "close", { signal: AbortSignal.timeout(15_000) });
      assert.equal(stderr, "");
    });

    it("an interrupt ends exec while its command goes on, with 130", async () => {
      const child = target.spawn(["exec", id, "sh", "-c", "echo ready; exec sleep 4711"]);
      await once(child.stdout ?? child, "data");
      child.kill("SIGINT");
      const [status] = await once(child, "exit", { signal: AbortSignal.timeout(15_000) });
      assert.equal(status, 130);
    });

    it("exec over WebSocket gives the same bytes", async () => {
      if (target.name === "embedded") {
        // there is no wire between; the flag must not be swallowed or break anything
        const { status, stdout } = await target.crish([
          ...["exec", "--transport", "websocket", id, "echo", "hi"],
        ]);
        assert.deepEqual({ status, stdout }, { status: 0, stdout: "hi\n" });
        return;
      }
      const size = "8000000";
      const expected = await target.out([
        "exec",
        id,
        "sh",
        "-c",
        `head -c ${size} /out | sha256sum`,
      ]);
      const child = target.spawn([
        "exec",
        "--transport",
        "websocket",
        id,
        "head",
        "-c",
        size,
        "/out",
      ]);
      const { sha256, status, stderr } = await digestOutput(child);
      assert.deepEqual(
        { sha256, status, stderr },
        { sha256: expected.split(" ")[0], status: 0, stderr: "" },
      );
    });

    it("run without -d keeps early output and ends with the container's status", async () => {
      const { status, stdout, stderr } = await target.crish([
        ...["run", "--rm", "--name", "early", target.image],
        ...["sh", "-c", "echo early; echo late >&2; exit 9"],
      ]);
      assert.equal(status, 9, stderr);
      assert.equal(stdout, "early\n");
      assert.match(stderr, /late/);
      assert.ok(!(await target.out(["ps", "-a"])).includes("early"));
    });

    it("run -i passes its stdin on and ends with it", async () => {
      const { status, stdout } = await target.crish(
        ["run", "--rm", "-i", "--name", "piped", target.image, "cat"],
        { input: "through\n", timeoutMs: 20_000 },
      );
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "through\n" });
    });

    it("attach shows what the container writes, and its end ends attach", async () => {
      const script = "while [ ! -e /go ]; do echo tick; sleep 0.1; done; echo last";
      const attached = await target.runDetached("attached", ["sh", "-c", script]);
      const child = target.spawn(["attach", attached]);
      const output = watchOutput(child);
      await output.waitFor(/tick/);
      const closed = once(child, "close");
      await target.out(["exec", attached, "touch", "/go"]);
      await closed;
      assert.match(output.text(), /last\n$/);
    });

    it("port-forward tells of a port that nobody listens on, and ends at an interrupt", async () => {
      const child = target.spawn(["port-forward", "streams", ":81"]);
      const output = watchOutput(child);
      const port = portOf(await output.waitFor(FORWARDING));
      // More of them than a server on spdystream survives within one session.
      for (let count = 0; count < 10; count++) {
        const signal = AbortSignal.timeout(15_000);
        await assert.rejects(
          fetch(`http://127.0.0.1:${port}/`, { signal }),
          ({ name }: Error) => name !== "TimeoutError",
        );
      }
      await waitUntil("each of them is told", () => {
        const told = output.text().match(/^crish: connection to port 81 of .*refused/gim);
        return told?.length === 10;
      });
      child.kill("SIGINT");
      await once(child, "exit", { signal: AbortSignal.timeout(10_000) });
    });

    it("port-forward shows as broken what the pod resets, and tells of it", async () => {
      // What it was sent is unread when it ends: the kernel resets the connection then.
      const script = "while :; do nc -l -p 82 -e sh -c 'echo half of it; sleep 1'; done";
      await target.runDetached("resetting", ["sh", "-c", script]);
      const child = target.spawn(["port-forward", "resetting", ":82"]);
      const output = watchOutput(child);
      const port = portOf(await output.waitFor(FORWARDING));
      const ending = await waitUntil("the server answers", async () => {
        const { text, error } = await converse(port, "never read");
        return text !== "" && error;
      });
      assert.equal(ending, "ECONNRESET");
      await output.waitFor(/^crish: connection to port 82 of .*reset/im);
      child.kill("SIGINT");
      await once(child, "exit", { signal: AbortSignal.timeout(10_000) });
    });

    it("port-forward reaches a server that listens on the pod's loopback", async () => {
      const web = ["httpd", "-f", "-p", "127.0.0.1:80", "-h", "/var/www"];
      const server = await target.runDetached("web", web);
      const pod = JSON.parse(await target.out(["ps", "-o", "json", "--id", server])).containers[0]
        .podSandboxId;
      const child = target.spawn(["port-forward", pod, ":80"]);
      const closed = once(child, "close");
      const port = portOf(await watchOutput(child).waitFor(FORWARDING));
      const text = await waitUntil("the server answers", async () =>
        (await fetch(`http://127.0.0.1:${port}/`)).text(),
      );
      assert.equal(text, "hello World\n");
      child.kill("SIGINT");
      await closed;
    });
  });
}

/** Says that, and reads to the end. */
async function converse(port: number, words: string): Promise<{ text: string; error: string }> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.on("error", () => {}).write(words);
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  return await new Promise((resolve) => {
    socket.once("end", () => resolve({ text, error: "none" }));
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) => resolve({ text, error: code }));
  });
}
