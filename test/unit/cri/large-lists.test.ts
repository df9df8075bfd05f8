import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMessage } from "../../../src/cri/create-message.ts";
import { Container } from "../../../src/cri/gen/runtime/v1/api.ts";
import { withLargeLists } from "../../../src/cri/large-lists.ts";
import type { CallOptions, RuntimeService } from "../../../src/cri/services.ts";
import { StatusError } from "../../../src/errors/status-error.ts";

const USUAL_BYTES = 1000;
const REQUEST = { filter: undefined };

interface Server {
  readonly items: number;
  /** Size of the list in one message. */
  readonly bytes: number;
  readonly hasStreams: boolean;
  /** The most that it sends in one message. */
  readonly serverLimit?: number;
}

function clientOf({ items, bytes, hasStreams, serverLimit = Number.POSITIVE_INFINITY }: Server) {
  const calls: string[] = [];
  const containers = Array.from({ length: items }, (_, at) =>
    createMessage(Container, { id: String(at) }),
  );
  const lists: Partial<RuntimeService> = {
    async listContainers(_request, options: CallOptions = {}) {
      const limit = Math.min(options.maxMessageBytes ?? USUAL_BYTES, serverLimit);
      calls.push(options.maxMessageBytes === undefined ? "list" : "list at large");
      if (bytes > limit) throw new StatusError("ResourceExhausted", "larger than max");
      return { containers };
    },
    async *streamContainers(_request, options) {
      calls.push(`stream ${options?.timeoutMs}`);
      if (!hasStreams) throw new StatusError("Unimplemented", "unknown method");
      const half = items / 2;
      yield { containers: containers.slice(0, half) };
      yield { containers: containers.slice(half) };
    },
  };
  const { listContainers } = withLargeLists(lists as RuntimeService);
  const list = async () => {
    const { containers: listed } = await listContainers(REQUEST);
    assert.deepEqual(listed, containers);
  };
  return { calls, list, listContainers };
}

describe("a list of containers", () => {
  it("is one call where it is short", async () => {
    const { calls, list } = clientOf({ items: 4, bytes: 10, hasStreams: true });
    await list();
    await list();
    assert.deepEqual(calls, ["list", "list"]);
  });

  it("comes in parts where it is larger than a message, at once from then on", async () => {
    const { calls, list } = clientOf({ items: 4, bytes: 2000, hasStreams: true });
    await list();
    await list();
    assert.deepEqual(calls, ["list", "stream 10000", "stream 10000"]);
  });

  it("comes in parts after an answer that was long", async () => {
    const { calls, list } = clientOf({ items: 6000, bytes: 10, hasStreams: true });
    await list();
    await list();
    assert.deepEqual(calls, ["list", "stream 10000"]);
  });

  it("comes in one large message from a server without parts, which is asked for them once", async () => {
    for (const server of [
      { items: 4, bytes: 2000 },
      { items: 6000, bytes: 10 },
    ]) {
      const { calls, list } = clientOf({ ...server, hasStreams: false });
      await list();
      await list();
      await list();
      const asked = calls.slice(calls.indexOf("stream 10000"));
      assert.deepEqual(asked.slice(0, 2), ["stream 10000", "list at large"]);
      assert.deepEqual(new Set(asked.slice(2)), new Set(["list at large"]));
    }
  });

  it("is refused with what helps where the server sends no message that large", async () => {
    const server = { items: 4, bytes: 2000, hasStreams: false, serverLimit: 1500 };
    const { listContainers } = clientOf(server);
    await assert.rejects(listContainers(REQUEST), (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, "ResourceExhausted");
      assert.match(error.hint ?? "", /Stream\* calls/);
      return true;
    });
  });
});
