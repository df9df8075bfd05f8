import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasCode } from "../../../src/errors/status-error.ts";
import {
  formatCommandStatus,
  parseCommandStatus,
} from "../../../src/streaming/channels/command-status.ts";
import {
  COMMAND_PROTOCOLS,
  channelsOf,
  negotiateProtocol,
} from "../../../src/streaming/channels/protocols.ts";
import {
  formatTerminalSize,
  readTerminalSizes,
} from "../../../src/streaming/channels/terminal-size.ts";
import {
  decodeChannelMessage,
  encodeChannelMessage,
} from "../../../src/streaming/websocket/channel-message.ts";

describe("status of a command", () => {
  for (const status of [
    { exitCode: 0 },
    { exitCode: 137 },
    { failure: "no such container", httpStatus: 404 },
  ]) {
    it(`comes back as it was sent: ${JSON.stringify(status)}`, () => {
      assert.deepEqual(parseCommandStatus(formatCommandStatus(status)), status);
    });
  }

  it("is written as the field writes success", () => {
    assert.equal(formatCommandStatus({ exitCode: 0 }), '{"metadata":{},"status":"Success"}');
  });

  for (const text of [
    "",
    "not JSON",
    "[]",
    "null",
    '{"status":"Perhaps"}',
    '{"status":"Failure","reason":"NonZeroExitCode"}',
    '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[null,{"reason":"ExitCode","message":"x"}]}}',
  ]) {
    it(`is refused when malformed: ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseCommandStatus(text),
        (error) => hasCode(error, "Internal"),
      );
    });
  }
});

describe("channels", () => {
  it("have a resize in place of stderr on a terminal", () => {
    const flags = { stdin: true, stdout: true, stderr: true };
    assert.deepEqual(channelsOf({ ...flags, tty: true }), ["error", "stdin", "stdout", "resize"]);
    assert.deepEqual(channelsOf({ ...flags, tty: false }), ["error", "stdin", "stdout", "stderr"]);
  });

  it("speak the first version offered that is known", () => {
    assert.equal(
      negotiateProtocol(["v9", "v4.channel.k8s.io", "v5.channel.k8s.io"], COMMAND_PROTOCOLS),
      "v4.channel.k8s.io",
    );
    assert.equal(negotiateProtocol(["v9"], COMMAND_PROTOCOLS), undefined);
  });
});

describe("WebSocket messages", () => {
  for (const protocol of ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io"]) {
    it(`come back as they were sent in ${protocol}`, () => {
      const data = Buffer.from([0, 255, 10, 128]);
      const message = Buffer.from(encodeChannelMessage(protocol, 2, data));
      assert.deepEqual(decodeChannelMessage(protocol, message), { channel: 2, data });
    });
  }

  it("are dropped when they have no channel or bad base64", () => {
    assert.equal(decodeChannelMessage("v4.channel.k8s.io", Buffer.alloc(0)), undefined);
    assert.equal(decodeChannelMessage("v4.base64.channel.k8s.io", Buffer.from("xaGk=")), undefined);
    assert.equal(decodeChannelMessage("v4.base64.channel.k8s.io", Buffer.from("1a?k=")), undefined);
  });
});

describe("terminal sizes", () => {
  const read = async (chunks: Buffer[]) => {
    async function* source() {
      yield* chunks;
    }
    const sizes = [];
    for await (const size of readTerminalSizes(source())) sizes.push(size);
    return sizes;
  };

  it("are read however they are cut", async () => {
    const sizes = [
      { columns: 80, rows: 24 },
      { columns: 200, rows: 50 },
    ];
    const bytes = Buffer.from(sizes.map(formatTerminalSize).join(""));
    for (let cut = 0; cut <= bytes.length; cut++) {
      assert.deepEqual(await read([bytes.subarray(0, cut), bytes.subarray(cut)]), sizes);
    }
  });

  it("that are none are passed over", async () => {
    const text =
      '{}{"Width":-1,"Height":2}{"Width":"a"}}{"Width":1.5,"Height":1}{"Width":9,"Height":8}';
    assert.deepEqual(await read([Buffer.from(text)]), [{ columns: 9, rows: 8 }]);
    assert.deepEqual(await read([Buffer.alloc(100_000, "x"), Buffer.from("y")]), []);
  });
});
