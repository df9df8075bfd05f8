import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromWireError } from "../../../src/cri/wire-error.ts";

const facts = { endpoint: "unix:///x.sock", method: "ListContainers", timeoutMs: 0 };

describe("an error of the wire", () => {
  it("of a containerd that still looks for its containers means that it is not there yet", () => {
    const starting = { code: 2, details: "server is not initialized yet" };
    const { code, message } = fromWireError(starting, facts);
    assert.deepEqual([code, message], ["Unavailable", "server is not initialized yet"]);
    const other = { code: 2, details: "server is not initialized yet, and more" };
    assert.equal(fromWireError(other, facts).code, "Unknown");
  });
});
