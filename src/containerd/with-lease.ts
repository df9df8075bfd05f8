import { randomHex } from "../host/random-id.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { LEASES } from "./methods.ts";

/** Longer than any work under a lease takes; what a killed crish has left goes then. */
const EXPIRY_MS = 24 * 60 * 60 * 1000;
const CLEANUP_MS = 60_000;

/**
 * Runs the work with a client under a lease of its own: what it makes is kept from garbage collection
 * until the work has ended. Where it rejects, all that nothing else needs is gone when this rejects;
 * what cleaning up meets is not told. A killed process leaves a lease that expires.
 */
export async function withLease<T>(
  client: ContainerdClient,
  work: (leased: ContainerdClient, leaseId: string) => Promise<T>,
): Promise<T> {
  const id = `crish-${randomHex(8)}`;
  const expiry = new Date(Date.now() + EXPIRY_MS).toISOString();
  await client.call(LEASES.create, { id, labels: { "containerd.io/gc.expire": expiry } });
  let hasFailed = true;
  try {
    const result = await work(client.with({ leaseId: id }), id);
    hasFailed = false;
    return result;
  } finally {
    await release(client, id, hasFailed);
  }
}

async function release(client: ContainerdClient, id: string, sync: boolean): Promise<void> {
  // The caller's signal may have aborted already.
  const patient = client.with({ signal: AbortSignal.timeout(CLEANUP_MS) });
  // Without a daemon, or with one that is not well, the expiry has to do.
  await patient.call(LEASES.delete, { id, sync }).catch(() => undefined);
}
