import type { ContainerConfig } from "../../cri/gen/runtime/v1/api.ts";
import { toJson } from "../../cri/json/to-json.ts";
import { containerConfig } from "../../manifest/container-config.ts";
import { containerEnv } from "../../manifest/container-env.ts";
import type { ContainerManifest } from "../../manifest/container-shape.ts";
import type { DataSource, DataSources } from "../../manifest/data-source.ts";
import { planMounts } from "../../manifest/plan-mounts.ts";
import type { PodPlan } from "../../manifest/plan-pod.ts";
import { sandboxConfig } from "../../manifest/sandbox-config.ts";
import { renderJson } from "../../output/json.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { findMounts } from "./find-mounts.ts";
import { placeOf } from "./make-volumes.ts";
import { podFiles } from "./pod-files.ts";

export interface PrintOptions {
  readonly plans: readonly PodPlan[];
  readonly sources: DataSources;
  readonly flags: CommandInput["flags"];
}

/**
 * What apply would hand to the runtime, as runp and create take it. Values of Secrets are left out
 * unless --show-secrets; addresses, which only a running pod has, are empty.
 */
export async function printConfigs(context: Context, options: PrintOptions): Promise<number> {
  const { flags, plans } = options;
  const sources = flags["show-secrets"] === true ? options.sources : hideSecrets(options.sources);
  const documents: object[] = [];
  for (const plan of plans) documents.push(await toDocument(context, plan, sources));
  if (flags.output === "json") {
    const value = documents.length === 1 ? documents[0] : documents;
    await context.stdout.write(renderJson(value));
    return 0;
  }
  const { stringify } = await import("yaml");
  const texts = documents.map((document) => stringify(document, { lineWidth: 0 }));
  await context.stdout.write(texts.join("---\n"));
  return 0;
}

async function toDocument(context: Context, plan: PodPlan, sources: DataSources): Promise<object> {
  const { facts } = plan;
  const { metadata, spec } = facts.manifest;
  const { namespace, uid } = facts;
  const files = podFiles(context.env, { namespace, name: metadata.name, uid });
  const volumes = new Map(
    plan.volumes.map((volume) => [volume.name, placeOf(volume, files)] as const),
  );
  const toConfig = async (container: ContainerManifest) => {
    const plans = planMounts(container, containerEnv(container, facts, sources));
    const shared = { container, attempt: 0, pod: facts };
    const mounts = await findMounts({ ...shared, plans, volumes, files, isDryRun: true });
    return configDocument(containerConfig({ ...shared, sources, mounts, imageUser: undefined }));
  };
  return {
    pod: toJson("PodSandboxConfig", sandboxConfig(facts, files.logs)),
    initContainers: await Promise.all((spec.initContainers ?? []).map(toConfig)),
    containers: await Promise.all(spec.containers.map(toConfig)),
  };
}

/** Variables are written as text, as create reads them, where protobuf has base64. */
function configDocument(config: ContainerConfig): object {
  const envs = config.envs.map(({ key, value }) => ({
    key,
    value: Buffer.from(value).toString("utf8"),
  }));
  return { ...toJson("ContainerConfig", config), envs };
}

function hideSecrets(sources: DataSources): DataSources {
  const hide = (source: DataSource): DataSource =>
    source.kind === "Secret"
      ? {
          ...source,
          data: Object.fromEntries(
            Object.keys(source.data).map((key) => [key, Buffer.from("<secret>")]),
          ),
        }
      : source;
  return new Map([...sources].map(([key, source]) => [key, hide(source)]));
}
