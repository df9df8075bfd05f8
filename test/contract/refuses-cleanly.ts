import assert from "node:assert/strict";
import { IMAGE_METHODS, type MethodFacts, RUNTIME_METHODS } from "../../src/cri/methods.ts";
import { StatusError } from "../../src/errors/status-error.ts";
import type { Rpc } from "./contract-target.ts";
import type { World } from "./world.ts";

/** The call, with an empty request, ends with Unimplemented and a message, twice; the backend goes on. */
export async function refusesCleanly(world: World, rpc: Rpc): Promise<void> {
  const methods: Record<string, unknown> = { ...RUNTIME_METHODS, ...IMAGE_METHODS };
  const facts = methods[rpc] as MethodFacts | undefined;
  assert.ok(facts, `${rpc} is no RPC`);
  const service = rpc in RUNTIME_METHODS ? world.runtime : world.images;
  const call = Reflect.get(service, rpc) as (request: unknown) => unknown;
  const request = facts.request.decode(new Uint8Array(0));
  for (let time = 0; time < 2; time++) {
    await assert.rejects(async () => {
      const answer = call.call(service, request);
      if (!facts.serverStreaming) return await answer;
      for await (const message of answer as AsyncIterable<unknown>) return message;
      return undefined;
    }, isUnimplemented);
  }
  await world.runtime.version({ version: "0.1.0" });
}

function isUnimplemented(error: unknown): true {
  assert.ok(error instanceof StatusError, String(error));
  assert.equal(error.code, "Unimplemented");
  assert.notEqual(error.message, "");
  return true;
}
