import type { Image, PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import type { DataSources } from "../../manifest/data-source.ts";
import type { PodFacts } from "../../manifest/downward.ts";
import type { MadeVolumes } from "./make-volumes.ts";
import type { PodFiles } from "./pod-files.ts";

/** A pod whose sandbox runs, and all that its containers are made from. */
export interface PodMaking {
  readonly pod: PodFacts;
  readonly sources: DataSources;
  readonly files: PodFiles;
  readonly volumes: MadeVolumes;
  readonly images: ReadonlyMap<string, Image>;
  readonly sandboxConfig: PodSandboxConfig;
  readonly podSandboxId: string;
}
