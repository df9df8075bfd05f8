import { join } from "node:path";
import { openEmbedded } from "../../src/runtime/index.ts";
import { createEmbeddedRoot, SILENT } from "../support/embedded-root.ts";
import { startRegistry } from "../support/registry.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { pushContractImages } from "./contract-images.ts";
import type { ContractSubject } from "./contract-target.ts";
import { pullBefore } from "./pull-before.ts";

/** The embedded runtime inside this very process, on a root of its own. */
export function embeddedSubject(engine: "node" | "bun"): ContractSubject {
  return {
    name: `embedded/${engine}`,
    unimplemented: [],
    deviations: {},
    async open(cleanup) {
      const registry = await startRegistry(cleanup);
      const images = await pushContractImages(registry);
      const root = await createEmbeddedRoot(cleanup);
      const backend = await openEmbedded({
        root: root.root,
        state: root.state,
        configFile: root.configFile,
        mode: "one-shot",
        log: SILENT,
        signal: new AbortController().signal,
      });
      cleanup.add("close the backend", () => backend.close());
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
