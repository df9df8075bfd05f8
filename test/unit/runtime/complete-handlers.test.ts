import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { completeHandlers } from "../../../src/runtime/complete-handlers.ts";
import type { HandlerConfig } from "../../../src/runtime/runtime-config.ts";

const handler = (path: string): HandlerConfig => ({ path, type: "runc" });

describe("the runtime's handlers", () => {
  it("have runc as the default one, also by its name", () => {
    const runc = handler("runc");
    assert.deepEqual(completeHandlers(), { "": runc, runc });
  });

  it("are those of the file besides", () => {
    const handlers = completeHandlers({ slim: handler("/opt/youki") });
    assert.deepEqual(Object.keys(handlers), ["", "runc", "slim"]);
  });

  it("name the file's default handler after its program, and not runc", () => {
    const crun = handler("/usr/bin/crun");
    assert.deepEqual(completeHandlers({ "": crun }), { "": crun, crun });
  });

  it("leave a name to the file that has one for it", () => {
    const own = handler("/opt/runc-next/runc");
    assert.equal(completeHandlers({ runc: own }).runc, own);
    assert.equal(completeHandlers({ runc: own })[""]?.path, "runc");
  });
});
