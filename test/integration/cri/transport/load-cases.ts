import assert from "node:assert/strict";
import { join } from "node:path";
import { openLeanTransport } from "../../../../src/cri/lean-transport.ts";
import { seededRandom } from "../../../support/seeded-random.ts";
import { temporaryDirectory } from "../../../support/temporary-directory.ts";
import type { TestCase } from "../../../support/test-case.ts";
import { startByteServer } from "./byte-server.ts";

const CALLS = 3000;
const AT_ONCE = 24;
/** nghttp2, the server's, gives up a connection on which far more are reset. */
const MAX_LEFT = 600;

export const CASES: readonly TestCase[] = [
  {
    title: "loses none of thousands of calls on one connection, some cancelled, late or left",
    async run(cleanup) {
      const path = join(await temporaryDirectory(cleanup), "s.sock");
      await startByteServer(cleanup, `unix:${path}`);
      const transport = openLeanTransport(
        { kind: "unix", text: `unix://${path}`, path, apiVersion: undefined },
        { connectTimeoutMs: 20_000 },
      );
      cleanup.add("close transport", () => transport.close());
      const random = seededRandom(4711);
      const below = (limit: number) => Math.floor(random() * limit);
      const call = (method: string, message = Buffer.from("{}"), timeoutMs = 0) => ({
        path: `/test.Bytes/${method}`,
        message,
        timeoutMs,
      });

      const echo = async () => {
        const bytes = below(20) === 0 ? below(1_000_000) : below(3000);
        const sent = Buffer.alloc(bytes, below(256));
        assert.ok(sent.equals(await transport.unary(call("echo", sent))));
      };
      const cancelled = async () => {
        const { signal } = abortSoon();
        await assert.rejects(transport.unary({ ...call("hang"), signal }), { code: "Cancelled" });
      };
      const late = () =>
        assert.rejects(transport.unary(call("hang", Buffer.from("{}"), 1 + below(20))), {
          code: "DeadlineExceeded",
        });
      const left = async () => {
        for await (const message of transport.serverStream(call("endless"))) {
          assert.equal(Buffer.from(message).toString(), "first");
          break;
        }
      };

      let begun = 0;
      let leaving = 0;
      let ended = 0;
      const work = async () => {
        while (begun++ < CALLS) {
          const isLeft = below(4) === 0 && leaving++ < MAX_LEFT;
          const one = isLeft ? ([cancelled, late, left][below(3)] ?? echo) : echo;
          await one();
          ended++;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      assert.equal(ended, CALLS);
    },
  },
];

/** A signal that is aborted in a moment, when the call has just been sent. */
function abortSoon(): AbortController {
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  return controller;
}
