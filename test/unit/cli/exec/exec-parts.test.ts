import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startFailureStatus } from "../../../../src/cli/exec/start-failure.ts";
import { wrapCommand } from "../../../../src/cli/exec/wrap-command.ts";
import { parsePorts } from "../../../../src/cli/port-forward/parse-ports.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

describe("exec over CRI", () => {
  it("leaves a command alone that needs nothing", () => {
    assert.deepEqual(wrapCommand(["ls", "-l"], {}), ["ls", "-l"]);
  });

  it("sets variables by env, and the directory by sh", () => {
    assert.deepEqual(wrapCommand(["ls"], { env: ["A=1"] }), ["env", "A=1", "ls"]);
    const [shell, , script, , ...rest] = wrapCommand(["ls", "a b"], { cwd: "/tmp" });
    assert.deepEqual([shell, rest], ["sh", ["/tmp", "ls", "a b"]]);
    assert.match(script ?? "", /cd -- "\$1" \|\| exit 125/);
  });

  it("keeps a program with = in its name from being a variable", () => {
    assert.deepEqual(wrapCommand(["a=b"], { env: ["A=1"] }).slice(0, 3), ["env", "A=1", "sh"]);
  });

  it("refuses another user", () => {
    assert.throws(() => wrapCommand(["id"], { user: "nobody" }), /as another user/);
  });

  it("tells a missing program from one that cannot run, and both from other failures", () => {
    const failures: readonly [string, number | undefined][] = [
      ['exec failed: exec: "x": executable file not found in $PATH: unknown', 127],
      ['exec failed: exec: "/x": stat /x: no such file or directory: unknown', 127],
      ['exec failed: exec: "/etc/passwd": permission denied: unknown', 126],
      ['container "exec" not found', undefined],
      ["connection broke", undefined],
    ];
    for (const [message, status] of failures) {
      assert.equal(startFailureStatus(new StatusError("Unknown", message)), status, message);
    }
  });
});

describe("the ports of port-forward", () => {
  it("are LOCAL:REMOTE, the same on both sides, or any local one", () => {
    assert.deepEqual(parsePorts(["8080:80", "443", ":22"]), [
      { local: 8080, remote: 80 },
      { local: 443, remote: 443 },
      { local: 0, remote: 22 },
    ]);
  });

  it("are refused where they are none", () => {
    for (const word of ["x", "1:2:3", "0", "70000", "80:", "-1"]) {
      assert.throws(() => parsePorts([word]), /is not a port/);
    }
  });
});
