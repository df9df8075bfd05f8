import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseRuntimeError } from "../../../src/runtime/oci/oci-runtime-error.ts";

function parse(message: string) {
  const line = JSON.stringify({ level: "error", msg: message, time: "2026-01-01T00:00:00Z" });
  return parseRuntimeError("cannot execute", `{"level":"warning","msg":"x"}\n${line}\n`);
}

const START = "exec failed: unable to start container process: ";

describe("errors of the OCI runtime", () => {
  it("tell a missing program (127) from one that cannot be executed (126)", () => {
    const missing = parse(`${START}exec: "nope": executable file not found in $PATH`);
    assert.deepEqual([missing.code, missing.exitCode], ["NotFound", 127]);
    const path = parse(`${START}exec: "/no/such": stat /no/such: no such file or directory`);
    assert.deepEqual([path.code, path.exitCode], ["NotFound", 127]);
    const data = parse(`${START}exec: "/etc/passwd": permission denied`);
    assert.deepEqual([data.code, data.exitCode], ["PermissionDenied", 126]);
  });

  it("are no such status when the directory and not the program is missing", () => {
    assert.equal(
      parse(`${START}chdir to cwd ("/x"): no such file or directory`).exitCode,
      undefined,
    );
  });

  it("keep the runtime's own words behind what we were doing", () => {
    assert.equal(
      parse("container does not exist").message,
      "cannot execute: container does not exist",
    );
    assert.equal(parse("container does not exist").code, "NotFound");
  });

  it("are read from plain text, and say so when there is none", () => {
    assert.match(parseRuntimeError("cannot", "runc: bad flag\n").message, /bad flag/);
    assert.match(parseRuntimeError("cannot", "").message, /no reason/);
    assert.match(parseRuntimeError("cannot", '{"level":\n').message, /no reason/);
  });
});
