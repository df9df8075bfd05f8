import type { ContainerdClient } from "./containerd-client.ts";
import { LEASES } from "./methods.ts";
import { withLease } from "./with-lease.ts";

/** Runs the work while nothing removes these blobs and what they refer to. */
export async function holdContent<T>(
  client: ContainerdClient,
  digests: readonly string[],
  work: (client: ContainerdClient) => Promise<T>,
): Promise<T> {
  return await withLease(client, async (leased, leaseId) => {
    for (const digest of digests) {
      const resource = { id: digest, type: "content" };
      await leased.call(LEASES.addResource, { id: leaseId, resource });
    }
    return await work(leased);
  });
}
