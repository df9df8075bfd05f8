import assert from "node:assert/strict";
import { it } from "node:test";
import { CHECK_IDS } from "../../../../src/cli/doctor/check-ids.ts";
import { CHECKS } from "../../../../src/cli/doctor/checks.ts";
import { type Check, type Doctor, fail, ok, warn } from "../../../../src/cli/doctor/finding.ts";
import type { SocketAnswer } from "../../../../src/cli/doctor/probe-socket.ts";
import { runChecks } from "../../../../src/cli/doctor/run-checks.ts";
import { StatusError } from "../../../../src/errors/status-error.ts";

const signal = new AbortController().signal;

function doctorWith(sockets: readonly SocketAnswer[] = [], runtimeEndpoint?: string): Doctor {
  return { settings: { runtimeEndpoint }, sockets: async () => sockets } as unknown as Doctor;
}

function check(id: string, run: Check["run"], embedded = false): Check {
  return { id, title: id, embedded, run };
}

it("the names that the specification offers are those of the checks", () => {
  assert.deepEqual(
    CHECKS.map(({ id }) => id),
    CHECK_IDS,
  );
});

it("counts what was found, and the worst of it is the report's level", async () => {
  const checks = [
    check("a", async () => [ok("a.1", "fine"), warn("a.2", "hm", "do")]),
    check("b", async () => [fail("b", "bad", "mend")]),
  ];
  const report = await runChecks(doctorWith(), { ids: [], signal, checks });
  assert.equal(report.level, "fail");
  assert.deepEqual(report.counts, { ok: 1, warn: 1, fail: 1, unchecked: 0 });
  const one = await runChecks(doctorWith(), { ids: ["a"], signal, checks });
  assert.equal(one.level, "warn");
  assert.deepEqual(
    one.checks.map(({ id }) => id),
    ["a"],
  );
});

it("a check that throws is a finding, and missing rights are not the node's fault", async () => {
  const checks = [
    check("a", () => Promise.reject(new StatusError("Internal", "no luck", { hint: "try" }))),
    check("b", () => Promise.reject(new StatusError("PermissionDenied", "not yours"))),
  ];
  const { checks: reports } = await runChecks(doctorWith(), { ids: [], signal, checks });
  assert.deepEqual(reports[0]?.findings, [{ id: "a", level: "fail", text: "no luck", fix: "try" }]);
  assert.equal(reports[1]?.findings[0]?.level, "unchecked");
});

it("a check that hangs is given up and told its end, and the others are not held up", async () => {
  let isTold = false;
  const checks = [
    check("hangs", (_doctor, ends) => {
      ends.addEventListener("abort", () => {
        isTold = true;
      });
      return new Promise(() => {});
    }),
    check("b", async () => [ok("b", "fine")]),
  ];
  const report = await runChecks(doctorWith(), { ids: [], signal, checks, checkMs: 20 });
  assert.equal(report.checks[0]?.findings[0]?.id, "hangs.time");
  assert.equal(report.checks[0]?.findings[0]?.level, "fail");
  assert.equal(report.checks[1]?.findings[0]?.level, "ok");
  assert.ok(isTold);
});

it("what only the embedded runtime needs is a warning on a node that uses another", async () => {
  const checks = [
    check("a", async () => [fail("a", "bad")], true),
    check("b", async () => [fail("b", "bad")]),
  ];
  const socket = { endpoint: "unix:///run/x.sock", isConfigured: false, state: "answers" } as const;
  const levels = async (doctor: Doctor) => {
    const report = await runChecks(doctor, { ids: [], signal, checks });
    return [report.runtime, ...report.checks.map(({ findings }) => findings[0]?.level)];
  };
  assert.deepEqual(await levels(doctorWith()), ["embedded:", "fail", "fail"]);
  assert.deepEqual(await levels(doctorWith([socket])), ["unix:///run/x.sock", "warn", "fail"]);
  assert.deepEqual(await levels(doctorWith([socket], "embedded:")), ["embedded:", "fail", "fail"]);
  assert.deepEqual(await levels(doctorWith([], "unix:///y")), ["unix:///y", "warn", "fail"]);
  const served = { ...socket, endpoint: "unix:///run/crish/crish.sock" };
  assert.deepEqual(await levels(doctorWith([served])), ["embedded:", "fail", "fail"]);
});

it("an interrupt ends what hangs", async () => {
  const interrupt = new AbortController();
  const checks = [
    check("hangs", () => {
      interrupt.abort();
      return new Promise(() => {});
    }),
  ];
  const running = runChecks(doctorWith(), { ids: [], signal: interrupt.signal, checks });
  await assert.rejects(running, { code: "Cancelled" });
});
