import type { Image, PodSandboxConfig } from "../../cri/gen/runtime/v1/api.ts";
import { StatusError } from "../../errors/status-error.ts";
import type { ImageUser } from "../../manifest/container-security.ts";
import { type DataSources, dataKey } from "../../manifest/data-source.ts";
import type { PodFacts } from "../../manifest/downward.ts";
import { pullCredentials } from "../../manifest/pull-credentials.ts";
import { imagesOf } from "../../manifest/pull-policy.ts";
import { callOptions } from "../call-options.ts";
import type { CommandInput } from "../command.ts";
import type { Context } from "../context.ts";
import { imageSpec } from "../image-spec.ts";
import { pullImage } from "../pull-image.ts";

export interface PullPodOptions {
  readonly pod: PodFacts;
  readonly sources: DataSources;
  readonly sandboxConfig: PodSandboxConfig;
  readonly flags: CommandInput["flags"];
}

/** Pulls what the pod's policies ask for, and resolves to its images by the names in the manifest. */
export async function pullPodImages(
  context: Context,
  { pod, sources, sandboxConfig, flags }: PullPodOptions,
): Promise<ReadonlyMap<string, Image>> {
  const { spec } = pod.manifest;
  const secrets = (spec.imagePullSecrets ?? []).flatMap(({ name }) => {
    const key = dataKey({ kind: "Secret", namespace: pod.namespace, name });
    return sources.get(key) ?? [];
  });
  const images = new Map<string, Image>();
  for (const [reference, policy] of imagesOf(spec)) {
    let image = policy === "Always" ? undefined : await findImage(context, reference);
    if (image === undefined) {
      if (policy === "Never") {
        const why = `image "${reference}" is not there, and its imagePullPolicy is Never`;
        throw new StatusError("NotFound", why, { hint: `crish pull ${reference}` });
      }
      const auth = hasCredentials(flags) ? undefined : pullCredentials(secrets, reference);
      const pullFlags = auth === undefined ? flags : { ...flags, auth };
      await pullImage(context, { reference, flags: pullFlags, sandboxConfig });
      image = await findImage(context, reference);
    }
    if (image === undefined) {
      throw new StatusError("NotFound", `image "${reference}" is gone after its pull`);
    }
    images.set(reference, image);
  }
  return images;
}

/** Who an image runs as. */
export function imageUserOf(image: Image | undefined): ImageUser {
  return { uid: image?.uid?.value, username: image?.username ?? "" };
}

async function findImage(context: Context, reference: string): Promise<Image | undefined> {
  const { images } = await context.backend();
  const request = { image: imageSpec(reference), verbose: false };
  return (await images.imageStatus(request, callOptions(context))).image;
}

function hasCredentials(flags: CommandInput["flags"]): boolean {
  return [flags.username, flags.creds, flags.auth].some((value) => value !== undefined);
}
