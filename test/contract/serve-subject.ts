import { join } from "node:path";
import { openRemote } from "../../src/cri/remote-backend.ts";
import { startBackgroundProcess } from "../support/background-process.ts";
import { crishCommand, crishEnvironment } from "../support/crish.ts";
import { createEmbeddedRoot } from "../support/embedded-root.ts";
import { startRegistry } from "../support/registry.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { pushContractImages } from "./contract-images.ts";
import type { ContractSubject } from "./contract-target.ts";
import { pullBefore } from "./pull-before.ts";

/** `crish serve` as a process of its own, over its socket. */
export function serveSubject(): ContractSubject {
  return {
    name: "serve",
    unimplemented: [],
    deviations: {},
    async open(cleanup) {
      const registry = await startRegistry(cleanup);
      const images = await pushContractImages(registry);
      const root = await createEmbeddedRoot(cleanup);
      const endpoint = `unix://${join(root.directory, "crish.sock")}`;
      const { command, args } = crishCommand();
      const { CONTAINER_RUNTIME_ENDPOINT: _, ...env } = root.env;
      const server = startBackgroundProcess(
        cleanup,
        command,
        [...args, "serve", "--listen", endpoint],
        { env: crishEnvironment(env) },
      );
      const backend = await openRemote({
        runtimeEndpoint: endpoint,
        connectTimeoutMs: 5_000,
        maxRetries: 0,
      });
      cleanup.add("close the backend", () => backend.close());
      await waitUntil(`crish serve answers: ${server.output()}`, async () => {
        if (server.child.exitCode !== null) throw new Error(`it has ended: ${server.output()}`);
        return backend.runtime.version({ version: "0.1.0" });
      });
      await pullBefore(backend, images);
      const directory = await temporaryDirectory(cleanup, "pods");
      return {
        backend,
        registry,
        images,
        directory,
        cgroupParent: join(root.cgroupParent, "pods"),
      };
    },
  };
}
