import { join } from "node:path";
import { openRemote } from "../../src/cri/remote-backend.ts";
import { serve } from "../../src/server/serve.ts";
import { containerdSubject } from "./containerd-subject.ts";
import { describeCriContract } from "./describe-cri-contract.ts";

/**
 * A server that answers v1alpha2 alone, with a real containerd behind it: nothing tells the client
 * so, and it has to find out by being refused.
 */
const behind = containerdSubject("v1alpha2");

describeCriContract({
  ...behind,
  name: "v1 refused",
  rpcs: ["version", "status", "listPodSandbox", "execSync", "listImages", "imageStatus", "streams"],
  async open(cleanup) {
    const target = await behind.open(cleanup);
    const server = await serve(target.backend, {
      listen: `unix://${join(target.directory, "v1alpha2.sock")}`,
      apiVersion: "v1alpha2",
    });
    cleanup.add("close the server", () => server.close(1_000));
    const backend = await openRemote({
      runtimeEndpoint: server.endpoint,
      connectTimeoutMs: 5_000,
      maxRetries: 0,
    });
    cleanup.add("close the client", () => backend.close());
    return { ...target, backend };
  },
});
