import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { parseDetachKeys } from "../../../src/streaming/detach-keys.ts";
import { type TerminalOptions, withTerminal } from "../../../src/streaming/terminal.ts";

function terminal(fields: Partial<TerminalOptions> = {}) {
  const log: string[] = [];
  const keyboard = new PassThrough();
  const options: TerminalOptions = {
    input: {
      stream: () => keyboard,
      enterRawMode: () => {
        log.push("raw");
        return () => log.push("restored");
      },
    },
    output: {
      async *sizes(signal) {
        yield { columns: 80, rows: 24 };
        if (!signal.aborted) await once(signal, "abort");
        log.push("sizes ended");
      },
    },
    signal: new AbortController().signal,
    detachKeys: parseDetachKeys("ctrl-p,ctrl-q"),
    ...fields,
  };
  return { options, keyboard, log };
}

describe("a session on a terminal", () => {
  it("is in raw mode while it works, and only then", async () => {
    const { options, log, keyboard } = terminal();
    const outcome = await withTerminal(options, async () => {
      log.push("works");
      return 7;
    });
    assert.deepEqual(outcome, { detached: false, value: 7 });
    assert.deepEqual(log, ["raw", "works", "restored"]);
    assert.ok(!keyboard.destroyed && keyboard.isPaused());
    assert.equal(process.listenerCount("SIGTERM"), 0);
  });

  it("restores the mode when the work fails, and passes the failure on", async () => {
    const { options, log } = terminal();
    const failing = withTerminal(options, async () => {
      throw new Error("broken");
    });
    await assert.rejects(failing, /broken/);
    assert.deepEqual(log, ["raw", "restored"]);
  });

  it("restores the mode when there are no sizes to be had", async () => {
    const output = {
      sizes: () => {
        throw new Error("no sizes");
      },
    };
    const { options, log } = terminal({ output });
    await assert.rejects(
      withTerminal(options, async () => 0),
      /no sizes/,
    );
    assert.deepEqual(log, ["raw", "restored"]);
  });

  it("hands over what is typed, the held key too, and the sizes until it is over", async () => {
    const { options, keyboard, log } = terminal();
    const typed = withTerminal(options, async ({ stdin, resize }) => {
      const sizes = resize[Symbol.asyncIterator]();
      assert.deepEqual((await sizes.next()).value, { columns: 80, rows: 24 });
      void sizes.next();
      return text(stdin);
    });
    keyboard.write("ls\x10");
    keyboard.write("x");
    keyboard.end("\x10");
    assert.deepEqual(await typed, { detached: false, value: "ls\x10x\x10" });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(log, ["raw", "restored", "sizes ended"]);
  });

  it("is detached by the keys, whatever comes of the work", async () => {
    const { options, keyboard } = terminal();
    const detached = withTerminal(options, async ({ signal, stdin }) => {
      stdin.resume();
      await once(signal, "abort");
      throw new Error("cancelled");
    });
    keyboard.write("a\x10");
    keyboard.write("\x11b");
    assert.deepEqual(await detached, { detached: true });
  });

  it("is not detached by the caller's own signal", async () => {
    const caller = new AbortController();
    const { options } = terminal({ signal: caller.signal });
    const ended = withTerminal(options, async ({ signal }) => {
      caller.abort();
      signal.throwIfAborted();
    });
    await assert.rejects(ended, { name: "AbortError" });
  });

  for (const [what, code, expected] of [
    ["a signal that nobody handles", "process.kill(process.pid, 'SIGTERM')", "SIGTERM"],
    ["a hang-up", "process.kill(process.pid, 'SIGHUP')", "SIGHUP"],
    ["process.exit", "process.exit(3)", 3],
    ["an uncaught exception", "setImmediate(() => { throw new Error('x') })", 1],
  ] as const) {
    it(`restores the mode on ${what}`, async () => {
      const module = pathToFileURL(
        `${import.meta.dirname}/../../../src/streaming/terminal.ts`,
      ).toString();
      const script = `
        import { writeSync } from "node:fs";
        import { PassThrough } from "node:stream";
        import { withTerminal } from ${JSON.stringify(module)};
        await withTerminal({
          input: {
            stream: () => new PassThrough(),
            enterRawMode: () => { writeSync(1, "raw "); return () => writeSync(1, "restored "); },
          },
          output: { async *sizes() {} },
          signal: new AbortController().signal,
        }, async () => {
          ${code};
          await new Promise((resolve) => setTimeout(resolve, 20_000));
        });`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const output = text(child.stdout);
      const [status, signal] = await once(child, "exit");
      assert.equal(status ?? signal, expected);
      assert.match(await output, /^raw (restored )+$/);
    });
  }
});
