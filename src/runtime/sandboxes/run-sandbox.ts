import type { DatabaseSync } from "node:sqlite";
import type { PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { hasCode, StatusError } from "../../errors/status-error.ts";
import { randomId } from "../../host/random-id.ts";
import type { Engine } from "../engine.ts";
import { toStatusError } from "../host/errno-error.ts";
import { createUndoStack, type UndoStack } from "../undo-stack.ts";
import { buildSandbox } from "./build-sandbox.ts";
import { planSandbox } from "./plan-sandbox.ts";
import { recoverSandboxes } from "./recover-sandboxes.ts";
import { needsStop, type Sandbox } from "./sandbox.ts";
import { SANDBOX_INTENTS } from "./sandbox-intents.ts";
import {
  deleteSandboxWithin,
  insertSandboxWithin,
  listSandboxesWithin,
  updateSandboxWithin,
} from "./sandbox-store.ts";

/**
 * Runs a pod; resolves to its ID. After a failure nothing of it is left. InvalidArgument for a
 * configuration that cannot be, AlreadyExists for a name, uid and attempt or a host port that a pod
 * has, CniError where the network refuses, FailedPrecondition where a program is missing.
 */
export async function runSandbox(
  engine: Engine,
  options: { config: PodSandboxConfig; runtimeHandler: string; signal?: AbortSignal | undefined },
): Promise<string> {
  const sandbox = await planSandbox(engine, { ...options, id: randomId() });
  const { config, signal } = options;
  return await engine.locks.withLock(
    `pod:${sandbox.id}`,
    signal === undefined ? {} : { signal },
    async () => {
      await recordIntent(engine, sandbox);
      const undo = createUndoStack();
      try {
        const built = await buildSandbox(engine, sandbox, { undo, signal });
        await engine.intents.end({ kind: SANDBOX_INTENTS.run, subject: sandbox.id }, (db) =>
          updateSandboxWithin(db, sandbox.id, { ...built, phase: "ready" }),
        );
        return sandbox.id;
      } catch (error) {
        await undoRun(engine, sandbox.id, undo);
        throw toStatusError(error, `could not run the pod "${config.metadata?.name}"`);
      }
    },
  );
}

/** A name may be held by a pod whose maker was killed: that one is undone first. */
async function recordIntent(engine: Engine, sandbox: Sandbox): Promise<void> {
  const begin = () =>
    engine.intents.begin({ kind: SANDBOX_INTENTS.run, subject: sandbox.id }, (db) => {
      refuseTakenPorts(db, sandbox);
      insertSandboxWithin(db, sandbox);
    });
  try {
    await begin();
  } catch (error) {
    if (!hasCode(error, "AlreadyExists")) throw error;
    await recoverSandboxes(engine);
    await begin();
  }
}

function refuseTakenPorts(db: DatabaseSync, sandbox: Sandbox): void {
  if (sandbox.hostPorts.length === 0) return;
  for (const other of listSandboxesWithin(db)) {
    if (!needsStop(other) || other.bootId !== sandbox.bootId) continue;
    const taken = sandbox.hostPorts.find((port) => other.hostPorts.some((has) => clash(port, has)));
    if (taken === undefined) continue;
    const [protocol, , port] = taken.split(":");
    throw new StatusError(
      "AlreadyExists",
      `the host port ${port}/${protocol} belongs to the pod "${other.config.metadata?.name}" ("${other.id}")`,
    );
  }
}

function clash(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => {
    const first = text.indexOf(":");
    const last = text.lastIndexOf(":");
    const address = text.slice(first + 1, last);
    return { key: text.slice(0, first) + text.slice(last), address };
  });
  if (a === undefined || b === undefined || a.key !== b.key) return false;
  const isAny = (address: string) => ["*", "0.0.0.0", "::"].includes(address);
  return a.address === b.address || isAny(a.address) || isAny(b.address);
}

/** What cannot be taken back now stays recorded, for the next recovery to try again. */
async function undoRun(engine: Engine, id: string, undo: UndoStack): Promise<void> {
  const intent = { kind: SANDBOX_INTENTS.run, subject: id };
  try {
    await undo.run();
    await engine.intents.end(intent, (db) => deleteSandboxWithin(db, id));
  } catch (error) {
    engine.log.warn(`could not undo the pod "${id}"`, { error: String(error) });
    await engine.intents.abandon(intent);
  }
}
