import { openRemote } from "../../src/cri/remote-backend.ts";
import { startContainerd } from "../support/containerd.ts";
import { startRegistry } from "../support/registry.ts";
import { removeCgroups } from "../support/remove-cgroups.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { uniqueSuffix } from "../support/unique.ts";
import { CONTAINERD_DEVIATIONS, CONTAINERD_UNIMPLEMENTED } from "./containerd-deviations.ts";
import { pushContractImages } from "./contract-images.ts";
import type { ContractSubject } from "./contract-target.ts";
import { pullBefore } from "./pull-before.ts";

/** containerd 1.6 over its socket, with the version of the protocol forced by the endpoint. */
export function containerdSubject(apiVersion: "v1" | "v1alpha2"): ContractSubject {
  return {
    name: `containerd/${apiVersion}`,
    unimplemented: CONTAINERD_UNIMPLEMENTED,
    deviations: CONTAINERD_DEVIATIONS,
    async open(cleanup) {
      const registry = await startRegistry(cleanup);
      const images = await pushContractImages(registry);
      const containerd = await startContainerd(cleanup);
      const cgroupParent = `/ctd-${uniqueSuffix()}`;
      cleanup.add("remove cgroups", () => removeCgroups(cgroupParent));
      const backend = await openRemote({
        runtimeEndpoint: `${containerd.endpoint}?api=${apiVersion}`,
        connectTimeoutMs: 5_000,
        maxRetries: 0,
      });
      cleanup.add("close the backend", () => backend.close());
      await pullBefore(backend, images);
      const directory = await temporaryDirectory(cleanup, "pods");
      return { backend, registry, images, directory, cgroupParent };
    },
  };
}
