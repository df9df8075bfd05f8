import assert from "node:assert/strict";
import { once } from "node:events";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { runCommand } from "../../../../src/cli/run-command.ts";
import { createTerminalLine } from "../../../../src/cli/terminal-line.ts";
import type { CriBackend, StreamIo } from "../../../../src/cri/backend.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";
import { fakeBackend, fakeContainer } from "../../../support/fake-backend.ts";
import { memoryInput, memoryOutput, memorySession } from "../../../support/memory-session.ts";

const ERROR = "crish: lost the connection\n";

/** What is shown of a stream that writes these and then breaks; stdout and stderr are one terminal. */
async function shownOf(line: string, written: readonly string[], isTty = true): Promise<string> {
  const shown: string[] = [];
  const breaks = async (_request: unknown, io: StreamIo): Promise<never> => {
    for (const text of written) {
      if (io.stdout !== undefined && !io.stdout.write(text)) await once(io.stdout, "drain");
    }
    throw new StatusError("Unavailable", "lost the connection");
  };
  const fake = fakeBackend({ containers: [fakeContainer({ name: "web" })] });
  const streams: CriBackend["streams"] = { ...fake.streams, attach: breaks, exec: breaks };
  const output = memoryOutput(shown, { isTty });
  const { session } = memorySession(
    { ...fake, streams },
    { stdin: memoryInput({ isTty: true }), stdout: output, stderr: output },
  );
  await runCommand(line.split(" "), session);
  return shown.join("");
}

describe("what is told of a stream that broke", () => {
  for (const line of ["attach -it web", "attach web", "exec -it web sh", "exec web sh"]) {
    it(`begins a line of its own behind a prompt: ${line}`, async () => {
      assert.equal(await shownOf(line, ["hi\r\n", "/ # "]), `hi\r\n/ # \r\n${ERROR}`);
      const coloured = "\u001b[1m/ #\u001b[0m \u001b[6n";
      assert.equal(await shownOf(line, [coloured]), `${coloured}\r\n${ERROR}`);
    });

    it(`follows what has ended its line, or is nothing: ${line}`, async () => {
      assert.equal(await shownOf(line, ["hi\r\n"]), `hi\r\n${ERROR}`);
      assert.equal(await shownOf(line, ["hi\n\u001b[0m"]), `hi\n\u001b[0m${ERROR}`);
      assert.equal(await shownOf(line, []), ERROR);
    });
  }

  it("is nothing where a terminal says at once that it has written", async () => {
    const shown: string[] = [];
    const target = new Writable();
    target.write = ((chunk: Buffer, onWritten: () => void) => {
      shown.push(chunk.toString());
      onWritten();
      return true;
    }) as Writable["write"];
    const stream = createTerminalLine().watch(target);
    for (const text of ["one", "two"]) {
      await new Promise<void>((resolve, reject) => {
        stream.write(text, (error) => (error == null ? resolve() : reject(error)));
      });
    }
    assert.deepEqual(shown, ["one", "two"]);
  });

  it("is told to whoever writes to a terminal that is gone", async () => {
    const failing = () => {
      const gone = new Writable({
        write: (_chunk, _encoding, done) => void setImmediate(done, new Error("EIO")),
      });
      return gone.on("error", () => {});
    };
    const written = (stream: Writable, text: string) =>
      new Promise((resolve) => void stream.write(text, (error) => resolve(error?.message)));
    const small = createTerminalLine().watch(failing());
    assert.equal(await written(small, "first"), undefined);
    while (!small.destroyed) await new Promise((resolve) => setImmediate(resolve));
    assert.notEqual(await written(small, "second"), undefined);
    const large = createTerminalLine().watch(failing());
    assert.equal(await written(large, "x".repeat(100_000)), "EIO");
  });

  it("follows at once where no terminal shows both", async () => {
    assert.equal(await shownOf("exec web sh", ["abc"], false), `abc${ERROR}`);
  });
});
