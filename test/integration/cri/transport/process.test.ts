import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Cleanup } from "../../../support/cleanup.ts";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { run } from "../../../support/run.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";
import { startByteServer } from "./byte-server.ts";

const root = join(import.meta.dirname, "../../../..");
const NOBODY = 65_534;

/** A program that opens the transport on a socket and then does as it is told. */
function program(path: string, body: string): string {
  return `
    import { openLeanTransport } from ${JSON.stringify(join(root, "src/cri/lean-transport.ts"))};
    process.on("unhandledRejection", (error) => {
      console.log("unhandled", error);
      process.exitCode = 9;
    });
    const path = ${JSON.stringify(path)};
    const transport = openLeanTransport(
      { kind: "unix", text: "unix://" + path, path, apiVersion: undefined },
      { connectTimeoutMs: 20000 },
    );
    const call = (method, more = {}) =>
      ({ path: "/test.Bytes/" + method, message: Buffer.from("{}"), timeoutMs: 0, ...more });
    ${body}`;
}

const RUNTIMES = [
  ["Node", process.execPath, ["--input-type=module", "-e"]],
  ["Bun", "bun", ["--eval"]],
] as const;

async function serving(cleanup: Cleanup): Promise<string> {
  const path = join(await temporaryDirectory(cleanup, "process"), "s.sock");
  await startByteServer(cleanup, `unix:${path}`);
  return path;
}

for (const [name, command, args] of RUNTIMES) {
  describe(`a process with the lean transport, on ${name}`, () => {
    const cleanup = cleanupAfter();
    const execute = async (path: string, body: string, options = {}) => {
      const { stdout, stderr, status } = await run(
        command,
        [...args, program(path, body)],
        options,
      );
      return { output: `${stdout}${stderr}`, status };
    };

    it("ends with its last call, the connection still open", async () => {
      const body = 'console.log((await transport.unary(call("echo"))).length);';
      assert.deepEqual(await execute(await serving(cleanup), body), { output: "2\n", status: 0 });
    });

    it("stays for a call that runs, and for a second one after a rest", async () => {
      const body = `
        await transport.unary(call("echo"));
        await new Promise((resolve) => setTimeout(resolve, 20));
        await transport.unary(call("hang", { timeoutMs: 200 })).catch((error) => console.log(error.code));`;
      assert.deepEqual(await execute(await serving(cleanup), body), {
        output: "DeadlineExceeded\n",
        status: 0,
      });
    });

    it("ends where a stream is left, and where nothing ever listened", async () => {
      const body = `
        for await (const message of transport.serverStream(call("endless"))) {
          console.log(String(Buffer.from(message)));
          break;
        }`;
      assert.deepEqual(await execute(await serving(cleanup), body), {
        output: "first\n",
        status: 0,
      });
      const failing =
        'await transport.unary(call("echo")).catch((error) => console.log(error.cause.code));';
      const missing = join(await temporaryDirectory(cleanup), "none.sock");
      assert.deepEqual(await execute(missing, failing), { output: "ENOENT\n", status: 0 });
    });

    it("leaves no rejection unhandled where nobody waits for its calls", async () => {
      const body = `
        const ignore = (call) => void call.catch(() => undefined);
        ignore(transport.unary(call("hang", { timeoutMs: 50 })));
        const reading = transport.serverStream(call("endless"))[Symbol.asyncIterator]();
        ignore(reading.next());
        await transport.unary(call("echo"));
        await new Promise((resolve) => setTimeout(resolve, 100));
        transport.close();
        console.log("closed");`;
      assert.deepEqual(await execute(await serving(cleanup), body), {
        output: "closed\n",
        status: 0,
      });
    });

    it("is told where it may not use the socket", async () => {
      const path = await serving(cleanup);
      const body = `
        process.setgroups([]);
        process.setegid(${NOBODY});
        process.seteuid(${NOBODY});
        await transport.unary(call("echo")).catch((error) => console.log(error.code, error.hint));`;
      const { chmod } = await import("node:fs/promises");
      await chmod(path, 0o600);
      const { output, status } = await execute(path, body);
      assert.match(output, /^PermissionDenied run as root/);
      assert.equal(status, 0);
    });
  });
}
