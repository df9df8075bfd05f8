import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  assertCanStart,
  assertIsRunning,
  phaseOf,
} from "../../../src/runtime/containers/container-state.ts";
import { diffStates, type SeenContainer } from "../../../src/runtime/events/diff-states.ts";

const creating = { id: "c", isCreated: false, startedAtNs: undefined, finishedAtNs: undefined };
const created = { ...creating, isCreated: true };
const running = { ...created, startedAtNs: 1n };
const exited = { ...running, finishedAtNs: 2n };

describe("the state of a container", () => {
  it("follows from what has happened to it", () => {
    assert.deepEqual(
      [creating, created, running, exited, { ...created, finishedAtNs: 2n }].map(phaseOf),
      ["creating", "created", "running", "exited", "exited"],
    );
  });

  it("allows a start once, and only before the end", () => {
    assertCanStart(created);
    for (const record of [creating, running, exited]) {
      assert.throws(() => assertCanStart(record), { code: "FailedPrecondition" });
    }
  });

  it("allows an exec only while it runs", () => {
    assertIsRunning(running);
    for (const record of [created, exited]) {
      assert.throws(() => assertIsRunning(record), { code: "FailedPrecondition" });
    }
  });
});

describe("container events", () => {
  const seen = (phase: SeenContainer["phase"]) => new Map([["c", { sandboxId: "s", phase }]]);
  const types = (before: Map<string, SeenContainer>, after: Map<string, SeenContainer>) =>
    diffStates(before, after).map(({ type }) => type);

  it("name every step between two looks, also those that nobody saw", () => {
    assert.deepEqual(types(new Map(), seen("exited")), [0, 1, 2]);
    assert.deepEqual(types(seen("created"), seen("running")), [1]);
    assert.deepEqual(types(seen("running"), new Map()), [3]);
  });

  it("are none where nothing has changed", () => {
    assert.deepEqual(types(seen("running"), seen("running")), []);
  });
});
