import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { describe, it } from "node:test";
import { isNullDevice } from "../../../../src/cli/exec/is-null-device.ts";
import { runCommand } from "../../../../src/cli/run-command.ts";
import type { CriBackend, ExecStreamRequest } from "../../../../src/cri/backend.ts";
import { cleanupAfter } from "../../../support/cleanup-after.ts";
import { fakeBackend, fakeContainer } from "../../../support/fake-backend.ts";
import { memoryInput, memorySession } from "../../../support/memory-session.ts";

describe("exec -i with /dev/null", () => {
  const cleanup = cleanupAfter();
  const open = (path: string) => {
    const fd = openSync(path, "r");
    cleanup.add(`close ${path}`, () => closeSync(fd));
    return fd;
  };

  it("is told from every other input", () => {
    assert.equal(isNullDevice(open("/dev/null")), true);
    for (const path of ["/dev/zero", "/dev/full", "/", import.meta.filename]) {
      assert.equal(isNullDevice(open(path)), false, path);
    }
    assert.equal(isNullDevice(undefined), false);
    assert.equal(isNullDevice(1_000_000), false);
  });

  for (const [path, isAsked] of [
    ["/dev/null", false],
    ["/dev/zero", true],
  ] as const) {
    it(`asks the runtime ${isAsked ? "for" : "for no"} stdin where it is ${path}`, async () => {
      const asked: boolean[] = [];
      const fake = fakeBackend({ containers: [fakeContainer({ name: "web" })] });
      const exec = async ({ stdin }: ExecStreamRequest) => {
        asked.push(stdin);
        return { exitCode: 0 };
      };
      const streams: CriBackend["streams"] = { ...fake.streams, exec };
      const stdin = { ...memoryInput({ isTty: false }), fd: open(path) };
      const { session } = memorySession({ ...fake, streams }, { stdin });
      assert.equal(await runCommand(["exec", "-i", "web", "cat"], session), 0);
      assert.deepEqual(asked, [isAsked]);
    });
  }
});
